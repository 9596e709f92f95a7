// JSON as text on one line.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace gonogo {

// Bytes that are no UTF-8 become U+FFFD, so this never throws for what others sent.
std::string to_json_text(const nlohmann::json& value);
std::string to_json_text(const nlohmann::ordered_json& value);

}  // namespace gonogo
