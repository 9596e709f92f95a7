// What the verbs by which people decide on a check share.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace gonogo {

// "/api/v1/checks/CHECK/DECISION"
std::string path_of_decision(const std::string& check, const char* decision);

// Leaves an empty text out.
void put_text(nlohmann::json& body, const char* key, const std::string& text);

}  // namespace gonogo
