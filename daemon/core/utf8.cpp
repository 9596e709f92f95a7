#include "daemon/core/utf8.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace gonogo {
namespace {

unsigned char byte(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

// By the first byte; 0 for one that begins no character.
std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
}

// Whether the first `known` bytes of a character may begin with these. No overlong form, no
// surrogate, nothing beyond U+10FFFF.
bool may_begin(std::string_view text, std::size_t known) {
  for (std::size_t i = 1; i < known; ++i) {
    if ((byte(text, i) & 0xC0) != 0x80) return false;
  }
  if (known < 2) return true;
  const unsigned char lead = byte(text, 0);
  const unsigned char second = byte(text, 1);
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return false;
  return !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
}

// How many bytes from the beginning on are ASCII, or a little fewer.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  std::uint64_t word = 0;
  for (; text.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & 0x8080808080808080U) != 0) break;
  }
  return at;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    at += ascii_prefix(text.substr(at));
    if (at == text.size()) break;
    const std::string_view rest = text.substr(at);
    const std::size_t length = length_of(byte(rest, 0));
    if (length == 0 || length > rest.size() || !may_begin(rest, length)) break;
    at += length;
  }
  return at;
}

bool is_begun_character(std::string_view text) {
  return !text.empty() && text.size() < length_of(byte(text, 0)) && may_begin(text, text.size());
}

void append_utf8(std::string& text, unsigned long code) {
  const auto put = [&text](unsigned long byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
  } else {
    put(0xf0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

}  // namespace gonogo
