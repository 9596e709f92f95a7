// Answers that several handlers give, and how they read a query.
#pragma once

#include <cstdint>
#include <string>

#include "daemon/http/message.h"

namespace gonogo {

Response json_response(int status, std::string text);
Response html_response(std::string text);
// 400
Response bad_request(const std::string& why);
// 404
Response not_found(const std::string& why);

// Empty when the query has no such key.
std::string query_text(const Request& request, const char* key);
// `fallback` when the query has no such key, or no number there.
std::int64_t query_number(const Request& request, const char* key, std::int64_t fallback);
// "limit", between 1 and 1000.
std::int64_t query_limit(const Request& request, std::int64_t fallback);

}  // namespace gonogo
