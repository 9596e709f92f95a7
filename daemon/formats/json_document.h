// JSON that somebody else wrote. Its depth is checked before it is parsed.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace gonogo {

// The error is a predicate without a subject ("is not JSON, got ...", "nests deeper than 64
// levels"): the caller puts the name of the text before it.
tl::expected<nlohmann::json, std::string> parse_json(std::string_view text);

// A member of an object; null when it is absent or when `object` is no object.
const nlohmann::json& member(const nlohmann::json& object, std::string_view key);
std::string text_of(const nlohmann::json& value);  // empty when `value` is no text
double number_of(const nlohmann::json& value, double fallback);
// Without its fraction, and at most 10^15 from zero.
std::int64_t whole_number_of(const nlohmann::json& value, std::int64_t fallback);

}  // namespace gonogo
