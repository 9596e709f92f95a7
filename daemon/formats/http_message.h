// An HTTP request and its answer, as plain data.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gonogo {

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> headers;  // including Host
  std::string body;
};

struct HttpResponse {
  int status = 0;
  int version = 11;  // 10, 11 or 20
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  bool is_cut = false;  // the body was larger than the limit; only its beginning is here

  // The first header of that name, case ignored.
  const std::string* find_header(std::string_view name) const;
};

}  // namespace gonogo
