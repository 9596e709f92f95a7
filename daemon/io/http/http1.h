// One HTTP/1.1 request and its answer, over any Conn. Beast stays inside http1.cpp.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/io/conn.h"

namespace gonogo {

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;  // Host among them
  std::string body;
};

struct HttpResponse {
  int status = 0;
  int version = 11;  // 10, 11 or 20
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool is_cut = false;  // the body was larger than wanted; its beginning is there

  // The first header of that name, case ignored.
  const std::string* find_header(std::string_view name) const;
};

// Enters request, response and transfer. Reads at most `max_body` bytes of the body, 64 KiB of
// headers, and past any 1xx answers. Throws IoError (protocol) or system_error.
boost::asio::awaitable<HttpResponse> exchange(Conn& conn, HttpRequest request, std::size_t max_body,
                                              Attempt& attempt);

// The parts of an absolute http or https URL.
struct Url {
  bool is_tls = false;
  HostPort target;
  std::string path;  // with the query, "/" at least, without the fragment
  std::string user;  // percent-decoded
  std::string password;
};

std::optional<Url> parse_url(std::string_view text);

// "host" or "host:port" as the Host header wants it, and the URL without credentials.
std::string host_header(const Url& url);
std::string to_text(const Url& url);

// Where a Location header leads from `base` (RFC 3986, 5.2).
std::optional<Url> resolve_reference(const Url& base, std::string_view location);

}  // namespace gonogo
