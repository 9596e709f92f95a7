#include "daemon/api/answers.h"

#include <algorithm>
#include <charconv>

namespace gonogo {
namespace {

constexpr std::int64_t most_rows = 1000;

}  // namespace

Response json_response(int status, std::string text) {
  Response response = text_response(status, std::move(text));
  response.content_type = "application/json";
  return response;
}

Response html_response(std::string text) {
  Response response = text_response(200, std::move(text));
  response.content_type = "text/html; charset=utf-8";
  response.headers.emplace_back(
      "Content-Security-Policy",
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  return response;
}

Response bad_request(const std::string& why) { return problem_response(400, "Bad Request", why); }

Response not_found(const std::string& why) { return problem_response(404, "Not Found", why); }

std::string query_text(const Request& request, const char* key) {
  const auto found = request.query.find(key);
  return found == request.query.end() ? "" : found->second;
}

std::int64_t query_number(const Request& request, const char* key, std::int64_t fallback) {
  const auto found = request.query.find(key);
  if (found == request.query.end()) return fallback;
  std::int64_t number = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_number = error == std::errc{} && end == text.data() + text.size() && number >= 0;
  return is_number ? number : fallback;
}

std::int64_t query_limit(const Request& request, std::int64_t fallback) {
  return std::clamp<std::int64_t>(query_number(request, "limit", fallback), 1, most_rows);
}

}  // namespace gonogo
