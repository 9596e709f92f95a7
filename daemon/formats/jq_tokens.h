// The tokens of jq expressions, as far as conditions have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gonogo {

struct JqToken {
  enum class Kind : std::uint8_t { field, number, string, word, variable, mark, end };
  Kind kind = Kind::end;
  std::string_view text;  // of a string: without its quotes

  bool is(std::string_view mark) const { return kind == Kind::mark && text == mark; }
  bool is_word(std::string_view word) const { return kind == Kind::word && text == word; }
};

// As jq 1.6 reads them, without its comments; the last one is the end. Nothing for a text with any
// other token, such as an assignment, a format or a string that computes something.
std::optional<std::vector<JqToken>> jq_tokens(std::string_view text);

}  // namespace gonogo
