// Text with escapes, as the tables beside the tests of .env files write it.
#pragma once

#include <string>
#include <string_view>

namespace gonogo {

inline std::string with_escapes(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      shown += "\\\\";
    } else if (c == '\n') {
      shown += "\\n";
    } else if (c == '\r') {
      shown += "\\r";
    } else if (c == '\t') {
      shown += "\\t";
    } else if (byte >= 0x20 && byte < 0x7F && c != '|') {
      shown += c;
    } else {
      shown.append("\\x").append({digits[byte / 16], digits[byte % 16]});
    }
  }
  return shown;
}

inline std::string without_escapes(std::string_view shown) {
  std::string text;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (shown[i] != '\\') {
      text += shown[i];
      continue;
    }
    const char c = shown[++i];
    if (c == 'x') {
      text += static_cast<char>(std::stoi(std::string(shown.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      text += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
    }
  }
  return text;
}

}  // namespace gonogo
