// What an error of the parser means: the other half of yaml_text.cpp.
#include <algorithm>
#include <array>
#include <utility>

#include "daemon/config/yaml_text.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace {

// Where the value behind "key: " begins; npos: there is none. A "#" behind a blank ends it.
std::size_t value_of(std::string_view line) {
  const std::size_t colon = line.find(": ");
  if (colon == std::string_view::npos) return colon;
  const std::size_t value = line.find_first_not_of(' ', colon + 1);
  return value == std::string_view::npos || line[value] == '#' ? std::string_view::npos : value;
}

std::string blanks(int count) { return counted(count, "blank"); }

// What the parser says, and what is meant, where the place says nothing more.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> simple_words{
    {{"the referenced anchor is not defined", "a value that begins with `*` belongs in quotes"},
     {"alias not found after *", "a value that begins with `*` belongs in quotes"},
     {"illegal character found while scanning alias",
      "a value that begins with `*` belongs in quotes"},
     {"anchor not found after &", "a value that begins with `&` belongs in quotes"},
     {"illegal character found while scanning anchor",
      "a value that begins with `&` belongs in quotes"},
     {"unexpected character in block scalar",
      "nothing but a comment may follow `|` or `>` (write the text on the lines below, or put it "
      "in quotes)"},
     {"illegal block entry",
      "`-` begins an item of a list on a line of its own (put a value that begins with it in "
      "quotes)"},
     {"bad character found while scanning hex number",
      "`\\x`, `\\u` or `\\U` in double quotes lacks its hexadecimal digits (write a backslash as "
      "\\\\, or use single quotes)"},
     {"invalid unicode",
      "`\\x`, `\\u` or `\\U` in double quotes names no character (write a backslash as \\\\, or "
      "use single quotes)"},
     {"illegal document indicator in scalar", "`---` or `...` stands within a text in quotes"},
     {"cannot set zero indentation for a block scalar",
      "`|` and `>` take an indentation of 1 to 9 blanks"},
     {"end of verbatim tag not found",
      "tags are not supported (a value that begins with `!` belongs in quotes)"},
     {"tag handle with no suffix",
      "tags are not supported (a value that begins with `!` belongs in quotes)"}}};

constexpr const char* stray_percent =
    "a line begins with `%`, which is for %YAML 1.2 above `---` alone (put a value that begins "
    "with it in quotes, or remove the line)";

}  // namespace

// The last line above with content.
int YamlText::previous_line(int line) const {
  for (int above = line - 1; above >= 0; --above) {
    const std::string_view text = trimmed(line_at(above));
    if (!text.empty() && text.front() != '#') return above;
  }
  return -1;
}

std::optional<YamlProblem> YamlText::explain_tab(int line, int column) const {
  for (const int each : {line, previous_line(line)}) {
    const std::string_view text = line_at(each);
    const std::size_t content = std::min(text.find_first_not_of(" \t-"), text.size());
    const std::size_t tab = text.substr(0, content).find('\t');
    if (tab == std::string_view::npos) continue;
    if (each == line && static_cast<std::size_t>(column) < tab) continue;
    return at(each, static_cast<int>(tab),
              "tabs are not allowed in the indentation (indent with blanks)");
  }
  return std::nullopt;
}

std::optional<YamlProblem> YamlText::explain_conflict() const {
  for (std::size_t line = 0; line < lines_.size(); ++line) {
    const std::string_view text = line_at(static_cast<int>(line));
    if (text.starts_with("<<<<<<< ") || text.starts_with(">>>>>>> "))
      return at(static_cast<int>(line), 0,
                "a merge conflict is not resolved (choose one side, and remove its markers)");
  }
  return std::nullopt;
}

std::optional<YamlProblem> YamlText::explain_no_break_space(int line) const {
  for (const int each : {line, previous_line(line)}) {
    const std::string_view text = line_at(each);
    const int indent = indent_of(text);
    if (begins_with_no_break_space(text.substr(static_cast<std::size_t>(indent))))
      return at(each, indent,
                "no-break spaces are not allowed in the indentation (indent with blanks)");
  }
  return std::nullopt;
}

// A ":" that makes a key where none may be.
YamlProblem YamlText::explain_colon(int line, int column) const {
  const std::string_view text = line_at(line);
  const std::string_view before = text.substr(0, static_cast<std::size_t>(column));
  for (const std::string_view sign : {"\u201C", "\u201D", "\u2018", "\u2019"}) {
    if (const std::size_t found = text.find(sign); found != std::string_view::npos)
      return at(line, static_cast<int>(found),
                "typographic quotes do not quote (write \" or ' instead)");
  }
  if (auto space = explain_no_break_space(line)) return *space;
  constexpr std::size_t longest_key = 1024;
  if (before.size() > longest_key && before.find(": ") == std::string_view::npos)
    return at(line, indent_of(text), "is a key of more than 1024 characters (shorten it)");
  if (trimmed(before).ends_with(':'))
    return at(line, column, "a value cannot begin with `:` (put it in quotes)");
  if (const std::size_t value = value_of(before); value != std::string_view::npos)
    return at(line, static_cast<int>(value), "quote a value that holds `: ` or ends with `:`");
  const int above = previous_line(line);
  if (above < 0)
    return at(line, column, "a `:` is not expected here (quote a value that holds it)");
  const std::string_view other = line_at(above);
  const int indent = indent_of(text);
  const std::string other_name = "line " + std::to_string(above + 1);
  const std::size_t bare = other.find(':');
  if (indent <= indent_of(other) || bare == std::string_view::npos) {
    if (bare != std::string_view::npos && bare + 1 < other.size() && other[bare + 1] != ' ')
      return at(above, static_cast<int>(bare), "a blank is missing behind the `:`");
    if (bare == std::string_view::npos)
      return at(above, indent_of(other), "is no `key: value` (a `:` is missing)");
  }
  if (indent > indent_of(other))
    return at(line, indent,
              "line " + std::to_string(line + 1) + " is indented deeper than its siblings: " +
                  other_name + " has a value already (indent both alike, or remove that value)");
  return at(line, column,
            "a `:` is not expected here (quote a value that holds it, and indent the keys of a map "
            "alike)");
}

YamlProblem YamlText::explain_indentation(int line, int indent) const {
  const std::string_view text = line_at(line);
  int deeper = -1;
  int same = -1;
  int shallower = -1;
  for (int above = previous_line(line); above >= 0; above = previous_line(above)) {
    const int other = indent_of(line_at(above));
    if (other > indent && deeper < 0 && same < 0) deeper = above;
    if (other == indent && same < 0) same = above;
    if (other < indent) {
      shallower = above;
      break;
    }
  }
  const std::string name = "line " + std::to_string(line + 1);
  if (same >= 0) {
    const std::string other = "line " + std::to_string(same + 1);
    if (is_item(text) && !is_item(line_at(same)))
      return at(
          line, indent,
          "`-` begins an item of a list, and " + other + " a key (indent it below its own key)");
    if (!is_item(text) && is_item(line_at(same)))
      return at(line, indent,
                "is no item of the list that " + other +
                    " belongs to (begin it with `- `, or indent it like the list's key)");
    if (text.find(':') == std::string_view::npos)
      return at(line, indent, "is no `key: value` (a `:` is missing)");
  }
  std::string words = name + " is indented by " + blanks(indent) + ", unlike the lines above it";
  if (deeper >= 0)
    words += ": line " + std::to_string(deeper + 1) + " by " +
             std::to_string(indent_of(line_at(deeper)));
  if (shallower >= 0)
    words += std::string(deeper >= 0 ? ", " : ": ") + "line " + std::to_string(shallower + 1) +
             " by " + std::to_string(indent_of(line_at(shallower)));
  return at(line, indent, words + " (indent what belongs together alike)");
}

// A list or a map in block style has ended, and something follows that does not belong to it.
YamlProblem YamlText::explain_end(int line, int column) const {
  const std::string_view text = line_at(line);
  const std::string_view before_content =
      text.substr(0, std::min(text.find_first_not_of(" \t-"), text.size()));
  if (before_content.find('\t') != std::string_view::npos) {
    if (auto tab = explain_tab(line, column)) return *tab;
  }
  if (auto space = explain_no_break_space(line)) return *space;
  const int indent = indent_of(text);
  if (column <= indent) return explain_indentation(line, indent);
  const std::string_view before = trimmed(text.substr(0, static_cast<std::size_t>(column)));
  const char last = before.empty() ? ' ' : before.back();
  if (static_cast<std::size_t>(column) < text.size() &&
      (text[static_cast<std::size_t>(column)] == ','))
    return at(line, column, "a value cannot begin with `,` (put it in quotes)");
  if (last == '"' || last == '\'')
    return at(line, column,
              "something follows a text in quotes (quote the whole value; within '...' a quote is "
              "written '')");
  if (last == ']' || last == '}')
    return at(line, column,
              std::string("something follows the `") + last +
                  "` (put a value that begins with `[` or `{` in quotes)");
  return at(line, column, "does not belong here (put the whole value in quotes)");
}

YamlProblem YamlText::explain_flow(int line, int column, std::pair<int, int> open) const {
  const std::string_view text = line_at(line);
  const std::size_t begin = offset_of(open.first, open.second);
  const char bracket = begin < bytes_.size() && bytes_[begin] == '{' ? '{' : '[';
  const bool is_at_end = static_cast<std::size_t>(column) >= text.size();
  if (is_at_end || line > open.first)
    return at(open.first, open.second, std::string("`") + bracket + "` is not closed");
  return at(
      line, column,
      std::string("a `,` or the closing `") + (bracket == '{' ? '}' : ']') +
          "` is missing (within brackets, quote a value that holds `: `, `,`, brackets or braces)");
}

YamlProblem YamlText::explain(std::string_view message, int line, int column,
                              std::optional<std::pair<int, int>> open) const {
  if (auto conflict = explain_conflict()) return *conflict;
  line = std::clamp(line, 0, static_cast<int>(lines_.size()) - 1);
  column = std::max(column, 0);
  if (message.find("illegal tab") != std::string_view::npos || message == "illegal map value" ||
      message == "illegal block entry") {
    if (auto tab = explain_tab(line, column)) return *tab;
  }
  if (message == "illegal map value") return explain_colon(line, column);
  if (message == "end of map not found" || message == "end of sequence not found")
    return explain_end(line, column);
  if (open &&
      (message == "end of map flow not found" || message == "end of sequence flow not found"))
    return explain_flow(line, column, *open);
  const std::string_view rest = line_at(line).substr(
      std::min(static_cast<std::size_t>(std::max(column, 0)), line_at(line).size()));
  if (message == "illegal flow end")
    return at(line, column,
              "`" + std::string(rest.substr(0, 1)) +
                  "` closes nothing that is open (brackets and braces go in pairs)");
  if (message == "illegal map key")
    return at(line, column, "a value cannot begin with `?` (put it in quotes)");
  if (message == "YAML major version too large")
    return at(line, column, "is YAML of another version (write %YAML 1.2, or remove the line)");
  if (message == "unknown token")
    return at(
        line, column,
        "a value cannot begin with `" + on_one_line(rest.substr(0, 1)) + "` (put it in quotes)");
  const bool is_escape = message.starts_with("unknown escape") || message.starts_with("bad char") ||
                         message.starts_with("invalid unicode");
  if (is_escape) {
    // The parser has read on, perhaps into the next line.
    const std::size_t backslash = bytes_.rfind('\\', offset_of(line, column));
    while (line > 0 && backslash < lines_[static_cast<std::size_t>(line)]) --line;
    if (backslash != std::string::npos)
      column = static_cast<int>(backslash - lines_[static_cast<std::size_t>(line)]);
  }
  if (message.starts_with("unknown escape character"))
    return at(line, column,
              "a backslash in double quotes begins an escape such as \\n (write it as \\\\, or use "
              "single quotes)");
  for (const auto& [said, words] : simple_words) {
    if (message.starts_with(said)) return at(line, column, std::string(words));
  }
  return at(line, column, "is no YAML: " + std::string(message));
}

YamlProblem YamlText::explain_second_document(int line, int column) const {
  if (begins_document(line)) return at(line, column, "a second document begins (only one is read)");
  const int above = previous_line(line);
  if (above >= 0 && line_at(above).starts_with("..."))
    return at(above, 0, "`...` ends the document, and more follows (remove this line)");
  if (above >= 0 && line_at(above).starts_with('%')) return at(above, 0, stray_percent);
  return at(line, column,
            "does not belong to what is above it (wanted a map, such as gates: ..., whose keys "
            "begin in one column)");
}

// The parser takes a line that begins with "%" as a directive, wherever a document may begin, and
// passes over it.
std::optional<YamlProblem> YamlText::stray_directive() const {
  const auto is_nothing = [this](int line) {
    const std::string_view text = trimmed(line_at(line));
    return text.empty() || text.front() == '#';
  };
  const int count = static_cast<int>(lines_.size());
  int first = -1;
  for (int line = 0; line < count; ++line) {
    if (is_nothing(line)) continue;
    if (line_at(line).starts_with("%YAML ") && first < 0) {
      first = line;
      continue;
    }
    if (line_at(line).starts_with('%')) return at(line, 0, stray_percent);
    if (first >= 0 && !begins_document(line)) return at(first, 0, stray_percent);
    break;
  }
  for (int line = count - 1; line > first; --line) {
    if (line_at(line).starts_with('%')) return at(line, 0, stray_percent);
    if (!is_nothing(line)) break;
  }
  return std::nullopt;
}

}  // namespace gonogo
