#include "daemon/http/message.h"

#include <nlohmann/json.hpp>

namespace gonogo {

Response text_response(int status, std::string text) {
  Response response;
  response.status = status;
  response.body = std::make_shared<const std::string>(std::move(text));
  return response;
}

Response problem_response(int status, std::string_view title, std::string_view detail) {
  const nlohmann::json body{
      {"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}};
  Response response = text_response(
      status, body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  response.content_type = "application/problem+json";
  return response;
}

Response wrong_method(const std::string& allowed) {
  Response response = problem_response(405, "Method Not Allowed", "wanted " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

}  // namespace gonogo
