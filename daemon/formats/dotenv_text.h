// The characters of a .env file, as Go's unicode package knows them.
#pragma once

#include <cstddef>
#include <string_view>

namespace gonogo {

// The first character of a text. A byte that is no UTF-8 is one character by itself.
struct DotenvCharacter {
  char32_t code = 0xFFFD;
  std::size_t size = 1;
};
DotenvCharacter first_character(std::string_view text);

// A blank within a line.
bool is_line_blank(char32_t code);
// A blank of any kind, line ends included.
bool is_any_blank(char32_t code);

// A letter or a number of any script, or one of "_.-[]".
bool is_in_name(std::string_view text, DotenvCharacter character);

std::string_view without_line_blanks(std::string_view text);  // at its begin
std::string_view without_end_blanks(std::string_view text);   // of any kind, at its end

}  // namespace gonogo
