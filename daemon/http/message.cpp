#include "daemon/http/message.h"

#include <nlohmann/json.hpp>

#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/url.h"

namespace gonogo {

std::map<std::string, std::string> parse_query(std::string_view text) {
  std::map<std::string, std::string> query;
  while (!text.empty() && query.size() < 50) {
    const std::size_t end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    const std::size_t equals = pair.find('=');
    if (!pair.empty()) {
      query[percent_decoded(pair.substr(0, equals))] =
          equals == std::string_view::npos ? "" : percent_decoded(pair.substr(equals + 1));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return query;
}

bool is_json(const Request& request) {
  const std::string_view type = request.content_type;
  return equal_ignoring_case(trimmed(type.substr(0, type.find(';'))), "application/json");
}

Response text_response(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

Response problem_response(int status, std::string_view title, std::string_view detail) {
  const nlohmann::json body{
      {"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
  Response response = text_response(status, to_json_text(body) + "\n");
  response.content_type = "application/problem+json";
  return response;
}

Response wrong_method(const std::string& allowed) {
  Response response = problem_response(405, "Method Not Allowed", "wanted " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace gonogo
