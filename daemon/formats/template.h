// Texts with {{name}} in them, to be filled with what an earlier step captured.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

using Captures = std::map<std::string, std::string, std::less<>>;

enum class Fill : std::uint8_t { plain, in_url, in_json };

// Unknown names stay as they are; every value is encoded for its place. The result is cut at 1 MiB.
std::string fill_template(std::string_view text, const Captures& captures,
                          Fill place = Fill::plain);

// The names between {{ and }} in `text`.
std::vector<std::string> names_in_template(std::string_view text);

}  // namespace gonogo
