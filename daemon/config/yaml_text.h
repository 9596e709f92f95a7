// The bytes of a YAML file, before and beside its parser: what is no text, where lines begin, and
// what an error of the parser means, in words for who wrote the file.
#pragma once

#include <cstdint>
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

// Whether a value holds what no text does, other than the bytes of `allowed`. It would end a path
// or an argument early, or show something else than what is compared.
bool holds_control_character(std::string_view text, std::string_view allowed);

// Such a space is shown as a blank is, and indents nothing.
bool begins_with_no_break_space(std::string_view text);

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
  // Without the end of the line.
  std::string_view line_at(int line) const;
  std::size_t offset_of(int line, int column) const;
  // How many blanks a line begins with.
  static int indent_of(std::string_view line);
  // The line is an item of a list.
  static bool is_item(std::string_view line);
  // The byte at which a value, a tag or an anchor begins.
  char byte_at(int line, int column) const;
  // The key there stands alone, without a ":".
  bool lacks_colon(int line, int column, std::string_view key) const;
  // A line that begins with "%" and is passed over.
  std::optional<YamlProblem> stray_directive() const;
  // What is wrong where a second document begins.
  YamlProblem explain_second_document(int line, int column) const;
  // From 1, in characters.
  int column_in_characters(int line, int column) const;
  // How many bytes were counted for columns: no more than a few for each, in a long line as well.
  std::size_t counted() const { return counted_; }

 private:
  bool begins_document(int line) const;
  std::optional<YamlProblem> explain_no_break_space(int line) const;
  std::optional<YamlProblem> explain_tab(int line, int column) const;
  std::optional<YamlProblem> explain_conflict() const;
  YamlProblem explain_colon(int line, int column) const;
  YamlProblem explain_end(int line, int column) const;
  YamlProblem explain_indentation(int line, int indent) const;
  YamlProblem explain_flow(int line, int column, std::pair<int, int> open) const;
  int previous_line(int line) const;
  YamlProblem at(int line, int column, std::string text) const;
  std::size_t characters_before(std::size_t offset) const;

  std::string bytes_;
  std::vector<std::size_t> lines_;  // where each begins
  // How many characters begin before each block of so many bytes; empty for ASCII.
  static constexpr std::size_t block = 64;
  std::vector<std::uint32_t> characters_;
  mutable std::size_t counted_ = 0;
};

}  // namespace gonogo
