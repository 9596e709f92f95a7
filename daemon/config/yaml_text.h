// The bytes of a YAML file, before and beside its parser: what is no text, where lines begin, and
// what an error of the parser means, in words for who wrote the file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// Columns count characters, from 1.
struct YamlProblem {
  int line = 1;
  int column = 1;
  std::string text;
};

class YamlText {
 public:
  // Without a byte order mark, with a newline at its end.
  explicit YamlText(const std::string& bytes);

  const std::string& bytes() const { return bytes_; }
  // True for blanks and line breaks alone.
  bool is_blank() const;
  // The first byte that no YAML file has: binary data, another encoding than UTF-8.
  std::optional<YamlProblem> no_text() const;

  // What the parser's `message` means at its mark (from 0, the column in bytes). Shows no value: it
  // may be a secret. `open` is where the innermost list or map begins, from 0 as well.
  YamlProblem explain(std::string_view message, int line, int column,
                      std::optional<std::pair<int, int>> open) const;

  // The line in which the quoted text that begins there ends; nothing when it is not closed before
  // the end of the file: the parser takes all that follows as its text. The same line for what is
  // not in quotes.
  std::optional<int> end_of_quote(int line, int column) const;
  // The first line behind `line`, up to `last`, that reads like a key or an item of its own: it
  // begins no further right than `column`.
  std::optional<int> sibling_within(int line, int last, int column) const;
  // The key there stands alone, without a ":".
  bool lacks_colon(int line, int column, std::string_view key) const;
  // The line begins a document: "---".
  bool begins_document(int line) const;
  // From 1, in characters.
  int column_in_characters(int line, int column) const;

 private:
  std::string_view line_at(int line) const;
  std::size_t offset_of(int line, int column) const;
  std::optional<YamlProblem> explain_tab(int line, int column) const;
  std::optional<YamlProblem> explain_conflict() const;
  YamlProblem explain_colon(int line, int column) const;
  YamlProblem explain_end(int line, int column) const;
  YamlProblem explain_indentation(int line, int indent) const;
  YamlProblem explain_flow(int line, int column, std::pair<int, int> open) const;
  int previous_line(int line) const;
  YamlProblem at(int line, int column, std::string text) const;

  std::string bytes_;
  std::vector<std::size_t> lines_;  // where each begins
  bool is_ascii_ = true;
};

}  // namespace gonogo
