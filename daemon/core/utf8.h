// What of a text is UTF-8 (Unicode 15, table 3-7).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gonogo {

// How many bytes of `text`, from its beginning on, are whole characters.
std::size_t valid_utf8_prefix(std::string_view text);

inline bool is_utf8(std::string_view text) { return valid_utf8_prefix(text) == text.size(); }

// Whether `text` is the beginning of one character, and more bytes would make it whole.
bool is_begun_character(std::string_view text);

// Appends the character with this code point, which is at most 0x10ffff.
void append_utf8(std::string& text, unsigned long code);

}  // namespace gonogo
