// A request as the API sees it, and its answer.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gonogo {

struct Request {
  std::string method;
  std::string path;                          // percent-decoded, without the query
  std::map<std::string, std::string> query;  // of equal names the last one counts
  std::string accept;
  std::string accept_encoding;
  std::string authorization;
  std::string content_type;
  std::string body;
  // For an answer that takes long: whether its client is still there. Asking gives the answer more
  // time.
  std::function<bool()> is_waited_for = [] { return true; };
};

// "a=1&b=two%20words"; at most 50 names.
std::map<std::string, std::string> parse_query(std::string_view text);

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  // Shared: documents are rendered once and served many times.
  std::shared_ptr<const std::string> body;
  std::vector<std::pair<std::string, std::string>> headers;
};

Response text_response(int status, std::string text);

inline bool is_reading(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// 405, with the methods that are allowed at the path ("GET, HEAD").
Response wrong_method(const std::string& allowed);

// RFC 9457.
Response problem_response(int status, std::string_view title, std::string_view detail);

}  // namespace gonogo
