// The numbers that people write in front of headings and rows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gonogo {

// "4.2 API Health" to "4.2" and "API Health". The number is empty when there is none.
std::pair<std::string, std::string> split_heading_number(const std::string& heading);

struct NumberedText {
  std::string number;  // "4.2.1", or "3" when it counts within the section
  std::string text;    // what is behind it
};

// A number that is written in front of a row ("4.1 ...", "4.1: ...", "3) ..."). An amount ("3
// replicas", "2.5 GiB free", "10.0.0.1 answers") is none. `section` is the number of the section,
// or empty.
std::optional<NumberedText> split_row_number(std::string_view text, const std::string& section);

// A number that is a cell of its own.
bool is_row_number(std::string_view text);

}  // namespace gonogo
