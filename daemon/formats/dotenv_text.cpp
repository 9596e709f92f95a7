#include "daemon/formats/dotenv_text.h"

#include <re2/re2.h>

#include <string>

namespace gonogo {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
}

bool continues(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

}  // namespace

DotenvCharacter first_character(std::string_view text) {
  const unsigned a = byte_at(text, 0);
  const unsigned b = byte_at(text, 1);
  const unsigned c = byte_at(text, 2);
  const unsigned d = byte_at(text, 3);
  if (a < 0x80) return {a, 1};
  if (a >= 0xC2 && a < 0xE0 && continues(b)) return {((a & 0x1FU) << 6U) | (b & 0x3FU), 2};
  if (a >= 0xE0 && a < 0xF0 && continues(b) && continues(c)) {
    const char32_t code = ((a & 0x0FU) << 12U) | ((b & 0x3FU) << 6U) | (c & 0x3FU);
    if (code >= 0x800 && (code < 0xD800 || code > 0xDFFF)) return {code, 3};
  }
  if (a >= 0xF0 && a < 0xF5 && continues(b) && continues(c) && continues(d)) {
    const char32_t code =
        ((a & 0x07U) << 18U) | ((b & 0x3FU) << 12U) | ((c & 0x3FU) << 6U) | (d & 0x3FU);
    if (code >= 0x10000 && code <= 0x10FFFF) return {code, 4};
  }
  return {};
}

bool is_line_blank(char32_t code) {
  return code == ' ' || code == '\t' || code == '\v' || code == '\f' || code == '\r' ||
         code == 0x85 || code == 0xA0;
}

bool is_any_blank(char32_t code) {
  return code == '\n' || is_line_blank(code) || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200A) || code == 0x2028 || code == 0x2029 || code == 0x202F ||
         code == 0x205F || code == 0x3000;
}

bool is_in_name(std::string_view text, DotenvCharacter character) {
  const char32_t code = character.code;
  if (code < 0x80) {
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
           (code >= '0' && code <= '9') || code == '_' || code == '.' || code == '-' ||
           code == '[' || code == ']';
  }
  static const RE2 letter_or_number(R"([\pL\pN])");
  return RE2::FullMatch(std::string(text.substr(0, character.size)), letter_or_number);
}

std::string_view without_line_blanks(std::string_view text) {
  while (!text.empty()) {
    const DotenvCharacter character = first_character(text);
    if (!is_line_blank(character.code)) break;
    text.remove_prefix(character.size);
  }
  return text;
}

std::string_view without_end_blanks(std::string_view text) {
  while (!text.empty()) {
    std::size_t size = 1;
    while (size < 4 && size < text.size() && continues(byte_at(text, text.size() - size))) ++size;
    const DotenvCharacter last = first_character(text.substr(text.size() - size));
    if (last.size != size || !is_any_blank(last.code)) break;
    text.remove_suffix(size);
  }
  return text;
}

}  // namespace gonogo
