#include "daemon/config/swallowed_lines.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

std::string number_of(int line) { return std::to_string(line + 1); }

// A first word that ends in a ":", as keys do.
bool begins_with_key(std::string_view content) {
  const std::string_view word = content.substr(0, content.find_first_of(" \t"));
  return word.size() > 1 && word.ends_with(':');
}

// The line in which it ends. Folding changes blanks and line breaks alone.
int end_of_plain(const YamlText& file, const TextInFile& text, std::string_view value) {
  const std::string_view bytes = file.bytes();
  const std::size_t begin = file.offset_of(text.line, text.column);
  if (bytes.substr(begin).starts_with(value)) return text.line;
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  auto left =
      value.size() - static_cast<std::size_t>(std::count_if(value.begin(), value.end(), is_blank));
  int line = text.line;
  for (std::size_t i = begin; i < bytes.size() && left > 0; ++i) {
    if (bytes[i] == '\n') ++line;
    if (!is_blank(bytes[i])) --left;
  }
  return line;
}

}  // namespace

std::optional<std::string> swallowed_by_quote(const YamlText& file, const TextInFile& text,
                                              int end) {
  const std::string goes_on = "a text in quotes goes on in line ";
  if (text.is_within_brackets && end > text.line)
    return goes_on + number_of(text.line + 1) +
           " (close the quote; within brackets a text has one line)";
  for (int each = text.line + 1; each <= end; ++each) {
    const std::string_view line = file.line_at(each);
    const std::string_view content = trimmed(line);
    if (content.empty()) continue;
    const bool is_shallow = YamlText::indent_of(line) <= text.parent_column;
    const bool holds_key = line.find(": ") != std::string_view::npos || line.ends_with(':');
    if (YamlText::is_item(line) || begins_with_key(content) || (is_shallow && holds_key))
      return goes_on + number_of(each) +
             ", which reads like a key or an item of its own (close the quote, or write the text "
             "below `|` or `>`)";
  }
  return std::nullopt;
}

std::optional<std::string> swallowed_by_plain(const YamlText& file, const TextInFile& text,
                                              std::string_view value) {
  const int end = end_of_plain(file, text, value);
  if (end == text.line) return std::nullopt;
  const std::string goes_on = "a text goes on in line ";
  if (text.is_within_brackets)
    return goes_on + number_of(text.line + 1) +
           " (a `,` or the closing bracket is missing before it, or the text belongs in quotes on "
           "one line)";
  // A line that begins with a key is refused by the parser. "-a" above "-b" is a list without its
  // blanks.
  const bool is_dash = file.byte_at(text.line, text.column) == '-';
  for (int each = text.line + 1; each <= end; ++each) {
    const std::string_view content = trimmed(file.line_at(each));
    if (content.empty()) continue;
    const bool is_dash_as_well = is_dash && content.front() == '-' && !content.starts_with("--");
    if (YamlText::is_item(file.line_at(each)) || is_dash_as_well)
      return goes_on + number_of(each) +
             ", which reads like an item of its own (begin each item with `- ` in one column, or "
             "put the text in quotes)";
  }
  return std::nullopt;
}

}  // namespace gonogo
