// JSON that somebody else wrote, bounded in depth before anything is built of it.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace gonogo {

// Throws RunEnded (json) when `text` is no JSON or nests deeper than 64 levels; `whose` begins the
// summary ("the Docker Engine's answer").
nlohmann::json parse_json(std::string_view text, std::string_view whose);

// The member of an object, null when it is not there or `object` is none.
const nlohmann::json& member(const nlohmann::json& object, std::string_view key);
std::string text_of(const nlohmann::json& value);  // empty when it is no text
double number_of(const nlohmann::json& value, double fallback);

}  // namespace gonogo
