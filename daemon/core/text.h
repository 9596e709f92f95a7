// Small pure functions over text that people will read.
#pragma once

#include <concepts>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace gonogo {

// `text` cut to `limit` bytes, in double quotes, with control bytes and invalid UTF-8 written as
// \xNN: what a target sent can be shown on a terminal, in a log or in a page.
std::string in_quotes(std::string_view text, std::size_t limit = 80);

// The same escaping without the quotes. The result is valid UTF-8 on one line.
std::string on_one_line(std::string_view text, std::size_t limit = 240);

// The member of `known` that `text` was most likely meant to be (at most a third of it mistyped).
std::optional<std::string_view> closest(std::string_view text,
                                        std::span<const std::string_view> known);

std::string_view trimmed(std::string_view text);

// "1 check", "5 checks"; `plural` is for nouns that take more than an "s".
template <std::integral Number>
std::string counted(Number count, std::string_view noun, std::string_view plural = {}) {
  std::string text = std::to_string(count) + " ";
  if (count == 1) return text.append(noun);
  return plural.empty() ? text.append(noun).append("s") : text.append(plural);
}

// Equal but for the case of ASCII letters.
bool equal_ignoring_case(std::string_view a, std::string_view b);

// Equal in time that depends on the lengths alone: for comparing secrets.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// ASCII letters in lower case, the rest as it is.
std::string lower_case(std::string_view text);

// Writes the texts one after another, with `between` between each two of them.
template <class Texts>
std::string joined(const Texts& texts, std::string_view between = ", ") {
  std::string all;
  bool is_first = true;
  for (const auto& text : texts) {
    if (!is_first) all += between;
    all += text;
    is_first = false;
  }
  return all;
}

// True when `text` matches a pattern of literals and '*' (any run of characters).
bool matches_wildcard(std::string_view pattern, std::string_view text);

}  // namespace gonogo
