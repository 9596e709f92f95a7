// Regular expressions (RE2: linear time, bounded memory) read from the configuration.
#pragma once

#include <re2/re2.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/settings.h"

namespace gonogo {

// An expression that no byte of a text can deceive. A text that is UTF-8 is matched as characters.
// Any other is matched as bytes (RE2's Latin-1), and as characters among which each byte outside
// UTF-8 is the one that Latin-1 gives it: it matches when either does. So "ERROR.*payment",
// "(?i)über" and "\p{Greek}" find what they are for beside a byte that is none of UTF-8. Safe to
// use on any thread.
class TextPattern {
 public:
  // Nothing, and why in `problem`, when `text` is no RE2 expression. With `of_bytes`, every text is
  // matched as bytes, and \xNN is a byte and not a character.
  static std::shared_ptr<const TextPattern> compile(const std::string& text, bool of_bytes,
                                                    std::string& problem);

  const std::string& pattern() const { return text_; }
  int groups() const { return expression_->NumberOfCapturingGroups(); }
  const std::map<std::string, int>& named_groups() const {
    return expression_->NamedCapturingGroups();
  }

  // Somewhere in the text.
  bool matches(std::string_view text) const;
  bool matches_whole(std::string_view text) const;

  // The match (0) and its groups in the text, those that took part; nothing without a match. A text
  // that `goes_on` may end within a character: it is UTF-8 for all that.
  using Groups = std::vector<std::optional<std::string_view>>;
  std::optional<Groups> find(std::string_view text, bool goes_on = false) const;

  // The text with a blank in the place of each match, so that what is beside it does not grow
  // together. A text that is not UTF-8 is matched as bytes alone.
  std::string without(std::string_view text) const;

 private:
  TextPattern(std::string text, bool of_bytes);
  bool matches(std::string_view text, RE2::Anchor anchor) const;

  std::string text_;
  bool of_bytes_;
  std::unique_ptr<const RE2> expression_;
  // For texts that are not UTF-8. Null where the expression is none of bytes, as \x{1F600} is not:
  // no bytes match it.
  std::unique_ptr<const RE2> bytes_;
};

using Pattern = std::shared_ptr<const TextPattern>;

// Returns null and reports a problem at `key` when `text` is no RE2 expression.
Pattern compile_pattern(Settings& settings, std::string_view key, const std::string& text,
                        bool of_bytes = false);

std::vector<Pattern> read_patterns(Settings& settings, std::string_view key);

}  // namespace gonogo
