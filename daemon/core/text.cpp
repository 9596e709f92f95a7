#include "daemon/core/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "daemon/core/text_cleaner.h"

namespace gonogo {
namespace {

// The length of the well-formed UTF-8 sequence at the front of `text`, 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  // Overlong forms, surrogates and what lies beyond U+10FFFF (Unicode 15, table 3-7).
  if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
  if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
  // C1 controls steer terminals as well as C0 ones do; U+2028 and U+2029 end lines.
  if (lead == 0xC2 && second < 0xA0) return 0;
  if (lead == 0xE2 && second == 0x80 && (byte(2) == 0xA8 || byte(2) == 0xA9)) return 0;
  // Two texts that differ in what is not seen are read as equal: zero-width space, direction marks,
  // word joiner, byte order mark.
  if (lead == 0xE2 && second == 0x80 && (byte(2) == 0x8B || byte(2) == 0x8E || byte(2) == 0x8F))
    return 0;
  if (lead == 0xE2 && second == 0x81 && byte(2) == 0xA0) return 0;
  if (lead == 0xEF && second == 0xBB && byte(2) == 0xBF) return 0;
  // Bidirectional overrides and isolates make a line read differently from what it is.
  if (lead == 0xE2 && second == 0x80 && byte(2) >= 0xAA && byte(2) <= 0xAE) return 0;
  if (lead == 0xE2 && second == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9) return 0;
  return length;
}

void append_escaped(std::string& out, char c) {
  if (c == '\n') {
    out += "\\n";
  } else if (c == '\r') {
    out += "\\r";
  } else if (c == '\t') {
    out += "\\t";
  } else {
    std::array<char, 5> code{};
    std::snprintf(code.data(), code.size(), "\\x%02x", static_cast<unsigned char>(c));
    out += code.data();
  }
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Insertions, deletions, changes and swaps of neighbours (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> row(3, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t j = 0; j <= b.size(); ++j) row[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const auto& above = row[(i - 1) % 3];
    auto& here = row[i % 3];
    here[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      here[j] =
          std::min({above[j] + 1, here[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool is_swap = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (is_swap) here[j] = std::min(here[j], row[(i - 2) % 3][j - 2] + 1);
    }
  }
  return row[a.size() % 3][b.size()];
}

}  // namespace

std::string printable(std::string_view text, std::size_t limit) {
  std::string out;
  while (!text.empty()) {
    if (out.size() >= limit) return out + "...";
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t length = c < 0x20 || c == 0x7F ? 0 : sequence_length(text);
    if (length == 0) {
      append_escaped(out, text.front());
      text.remove_prefix(1);
    } else {
      out += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string on_one_line(std::string_view text, std::size_t limit) {
  return printable(cleaned_beginning(text, limit), limit);
}

std::string in_quotes(std::string_view text, std::size_t limit) {
  return '"' + on_one_line(text, limit) + '"';
}

std::optional<std::string_view> closest(std::string_view text,
                                        std::span<const std::string_view> known) {
  if (text.empty() || text.size() > 64) return std::nullopt;
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const std::string_view candidate : known) {
    const std::size_t distance = edit_distance(text, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t\r\n\f\v";
  const std::size_t first = text.find_first_not_of(white);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white) - first + 1);
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char other = b.empty() ? '\0' : b[i % b.size()];
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(other);
  }
  return difference == 0;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool matches_wildcard(std::string_view pattern, std::string_view text) {
  // Greedy with one point of return: linear in practice, quadratic at worst, never recursive.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace gonogo
