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
  std::string host;                       // with its port, as the client wrote it; empty: none
  std::optional<std::string> origin;      // Origin
  std::optional<std::string> fetch_site;  // Sec-Fetch-Site
  bool is_unix = false;                   // came through a UNIX socket
  bool is_tls = false;
  std::string body;
  bool is_cut = false;  // the body was longer
  // For an answer that takes long: whether its client is still there. Asking gives the answer more
  // time.
  std::function<bool()> is_waited_for = [] { return true; };
};

// How much of a body is taken.
struct BodyRule {
  std::size_t most = std::size_t{64} * 1024;
  bool cuts = false;  // what is longer is cut there; else the request is refused
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

// What follows from the head of a request, before its body is read.
struct Reception {
  BodyRule rule;
  std::optional<Response> refusal;
};

Response text_response(int status, std::string text);

inline bool is_reading(const Request& request) {
  return request.method == "GET" || request.method == "HEAD";
}

// True for the media type "application/json", whatever its parameters are.
bool is_json(const Request& request);

// 405, with the methods that are allowed at the path ("GET, HEAD").
Response wrong_method(const std::string& allowed);

// RFC 9457.
Response problem_response(int status, std::string_view title, std::string_view detail);

}  // namespace gonogo
