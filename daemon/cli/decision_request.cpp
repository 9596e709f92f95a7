#include "daemon/cli/decision_request.h"

#include <nlohmann/json.hpp>

#include "daemon/formats/url.h"

namespace gonogo {

std::string path_of_decision(const std::string& check, const char* decision) {
  return "/api/v1/checks/" + percent_encoded(check) + "/" + decision;
}

void put_text(nlohmann::json& body, const char* key, const std::string& text) {
  if (!text.empty()) body[key] = text;
}

}  // namespace gonogo
