#include "daemon/config/document.h"

#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/config/file_place.h"
#include "daemon/config/swallowed_lines.h"
#include "daemon/config/yaml_text.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t most_levels = 32;
// A map with fewer keys is searched one by one for a duplicate.
constexpr std::size_t most_searched = 16;

// Thrown to end a parse that cannot go on.
struct Unreadable {};

class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view file, const YamlText& text, DocumentBudget& budget, Problems& problems)
      : file_(file), text_(text), budget_(budget), problems_(problems) {
    root_.place = {file_, 1, 1};
  }

  Node take() { return std::move(root_); }

  // Where the innermost list or map begins, as the parser counts.
  std::optional<std::pair<int, int>> open() const {
    if (levels_.empty()) return std::nullopt;
    return std::pair{levels_.back().mark.line, levels_.back().mark.column};
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place(mark);
    add(std::move(node), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    complain(place(mark), "aliases are not supported (write the value out, or use vars)");
    Node node;
    node.place = place(mark);
    node.is_reported = true;
    add(std::move(node), 0, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.place = place(mark);
    node.type = Node::Type::scalar;
    const bool is_tagged = refuse_tag(mark, tag != "!" && tag != "?", node);
    node.is_quoted = tag == "!" && !is_tagged;
    if (node.is_quoted)
      refuse_open_quote(mark);
    else if (auto problem = swallowed_by_plain(text_, text_at(mark), value);
             problem && !is_tagged && anchor == 0)
      swallowed(mark, std::move(*problem));
    refuse_control_characters(node, value);
    node.scalar = value;
    node.shown = value;
    // These are YAML's spellings of null; in quotes they are texts.
    if (!node.is_quoted && !is_tagged && (value.empty() || value == "~" || value == "null"))
      node.type = Node::Type::null;
    add(std::move(node), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, Node::Type::sequence, tag, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, Node::Type::map, tag, anchor, style);
  }
  void OnMapEnd() override { close(); }

  // Lines are part of a text, so what the parser says behind them follows from that.
  bool has_swallowed() const { return has_swallowed_; }

 private:
  struct Level {
    Node node;
    YAML::Mark mark;
    bool is_block = false;
    bool awaits_value = false;
    std::string key;
    bool is_key_reported = false;
    Place key_place;
    YAML::Mark key_mark;
    std::unordered_map<std::string, int> lines;  // of the keys, once there are many

    bool awaits_key() const { return node.is_map() && !awaits_value; }
  };

  Place place(const YAML::Mark& mark) const {
    return {file_, mark.line + 1, text_.column_in_characters(mark.line, mark.column)};
  }

  void complain(Place where, std::string text) {
    problems_.push_back({where, path(), std::move(text)});
  }

  std::string path() const {
    std::string text;
    for (const Level& level : levels_) {
      if (!level.awaits_value) continue;
      text += (text.empty() ? "" : ".") + level.key;
    }
    return text;
  }

  void open(const YAML::Mark& mark, Node::Type type, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    if (levels_.size() >= most_levels) {
      complain(place(mark), "is nested deeper than " + std::to_string(most_levels) + " levels");
      throw Unreadable{};
    }
    Level level;
    level.node.type = type;
    level.node.place = place(mark);
    refuse_anchor(anchor, level.node);
    refuse_tag(mark, tag != "?", level.node);
    level.mark = mark;
    level.is_block = style == YAML::EmitterStyle::Block;
    levels_.push_back(std::move(level));
  }

  // The parser takes what follows an open quote as its text, to the next quote or to the end of the
  // file: the checks that are written there would not exist.
  void refuse_open_quote(const YAML::Mark& mark) {
    const std::optional<int> end = text_.end_of_quote(mark.line, mark.column);
    if (!end) {
      complain(place(mark),
               "a quote is not closed: all that follows would be its text (close it, or put the "
               "text in the other kind of quotes)");
      throw Unreadable{};
    }
    if (auto problem = swallowed_by_quote(text_, text_at(mark), *end))
      swallowed(mark, std::move(*problem));
  }

  TextInFile text_at(const YAML::Mark& mark) const {
    if (levels_.empty()) return {mark.line, mark.column};
    const Level& level = levels_.back();
    return {mark.line, mark.column, !level.is_block, level.mark.column};
  }

  void swallowed(const YAML::Mark& mark, std::string text) {
    complain(place(mark), std::move(text));
    // What is no further right is no continuation: rather the bracket is not closed.
    const std::string_view next = text_.line_at(mark.line + 1);
    has_swallowed_ =
        has_swallowed_ || YamlText::indent_of(next) > YamlText::indent_of(text_.line_at(mark.line));
  }

  // What is written behind a tag is not shown: a password may begin with "!".
  bool refuse_tag(const YAML::Mark& mark, bool is_tagged, Node& node) {
    is_tagged = is_tagged || (node.is_scalar() && text_.byte_at(mark.line, mark.column) == '!');
    if (!is_tagged) return false;
    if (!node.is_reported)
      complain(node.place,
               "tags are not supported (a value that begins with `!` belongs in quotes)");
    node.is_reported = true;
    return true;
  }

  // A path or an argument would end at a NUL, and a text be shown that is not the one compared.
  void refuse_control_characters(Node& node, const std::string& value) {
    const bool is_key = !levels_.empty() && levels_.back().awaits_key();
    // Bytes that go over a connection.
    const bool is_sent = !is_key && !levels_.empty() && levels_.back().node.is_map() &&
                         (levels_.back().key == "send" || levels_.back().key == "body");
    if (is_sent || !holds_control_character(value, is_key ? "" : "\t\r\n")) return;
    complain(node.place,
             std::string(is_key ? "the key" : "the value") +
                 " holds a control character (remove it, with the escape that makes it)");
    node.is_reported = true;
  }

  void close() {
    Node node = std::move(levels_.back().node);
    const YAML::Mark mark = levels_.back().mark;
    levels_.pop_back();
    add(std::move(node), 0, mark);
  }

  void refuse_anchor(YAML::anchor_t anchor, Node& node) {
    if (anchor == 0) return;
    if (!node.is_reported)
      complain(node.place, "anchors are not supported (write the value out, or use vars)");
    node.is_reported = true;
  }

  void add(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    refuse_anchor(anchor, node);
    if (budget_.values == 0) {
      complain(node.place, "is more than the 5 million values that a configuration may have");
      throw Unreadable{};
    }
    --budget_.values;
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.is_sequence()) {
      level.node.items.push_back(std::move(node));
    } else if (!level.awaits_value) {
      take_key(level, node, mark);
    } else {
      add_entry(level, std::move(node));
    }
  }

  void take_key(Level& level, const Node& node, const YAML::Mark& mark) {
    level.key = node.scalar;
    level.key_place = node.place;
    level.key_mark = mark;
    level.is_key_reported = node.is_reported || !node.is_scalar();
    if (!node.is_scalar() && !node.is_reported) {
      const bool is_comma = node.is_null() && text_.byte_at(mark.line, mark.column) == ',';
      complain(node.place, is_comma ? "a `,` is too many"
                           : node.is_map()
                               ? "a key is a map (put a value that begins with `{{` in quotes)"
                               : "a key is no text (such as name: value)");
    } else if (begins_with_no_break_space(level.key)) {
      complain(node.place, "no-break spaces are not allowed before a key (indent with blanks)");
      level.is_key_reported = true;
    }
    level.awaits_value = true;
  }

  // The line of the key that is there already; 0: there is none.
  static int line_of_same(Level& level) {
    if (level.node.entries.size() < most_searched) {
      for (const Node::Entry& entry : level.node.entries) {
        if (entry.key == level.key) return entry.place.line;
      }
      return 0;
    }
    if (level.lines.empty()) {
      for (const Node::Entry& entry : level.node.entries)
        level.lines.emplace(entry.key, entry.place.line);
    }
    const auto [found, is_new] = level.lines.emplace(level.key, level.key_place.line);
    return is_new ? 0 : found->second;
  }

  // What is written so may be meant as true, and would count as not written at all. The key is not
  // shown: in {password:x} it is more than a name.
  bool lacks_value(const Level& level, const Node& node) const {
    const YAML::Mark& mark = level.key_mark;
    return node.is_null() && !level.key.empty() &&
           text_.lacks_colon(mark.line, mark.column, level.key);
  }

  void add_entry(Level& level, Node node) {
    level.awaits_value = false;
    if (level.is_key_reported) {
      level.node.is_reported = true;
      return;
    }
    if (lacks_value(level, node)) {
      // Of "{{ x }}", what is wrong is said of its outer braces.
      if (levels_.size() >= 2 && levels_[levels_.size() - 2].awaits_key()) return;
      complain(level.key_place, level.key.find(':') == std::string::npos
                                    ? "is no `key: value` (a `:` is missing)"
                                    : "a blank is missing behind the `:`");
      level.node.is_reported = true;
      return;
    }
    if (const int same = line_of_same(level); same > 0) {
      level.awaits_value = true;  // the path names it
      complain(level.key_place, "duplicate key (first at line " + std::to_string(same) + ")");
      level.awaits_value = false;
      return;
    }
    // An empty value has no place of its own.
    if (node.place.line <= 0) node.place = level.key_place;
    level.node.entries.push_back({std::move(level.key), level.key_place, std::move(node)});
  }

  std::string_view file_;
  const YamlText& text_;
  DocumentBudget& budget_;
  Problems& problems_;
  Node root_;
  std::vector<Level> levels_;
  bool has_swallowed_ = false;
};

class NoMore : public YAML::EventHandler {
 public:
  NoMore(std::string_view file, const YamlText& text, Problems& problems)
      : file_(file), text_(text), problems_(problems) {}
  void OnDocumentStart(const YAML::Mark& mark) override {
    const YamlProblem problem = text_.explain_second_document(mark.line, mark.column);
    problems_.push_back({{file_, problem.line, problem.column}, "", problem.text});
    throw Unreadable{};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  std::string_view file_;
  const YamlText& text_;
  Problems& problems_;
};

// False where the file is nothing that a YAML parser should see.
bool is_readable(std::string_view file, const YamlText& text, DocumentBudget& budget,
                 Problems& problems) {
  if (text.bytes().size() > most_document_bytes + 1) {
    problems.push_back({{file, 1, 1}, "", "is larger than 16MiB"});
    return false;
  }
  if (text.bytes().size() > budget.bytes) {
    problems.push_back(
        {{file, 1, 1}, "", "is more than the 64MiB that all files of a configuration may have"});
    return false;
  }
  budget.bytes -= text.bytes().size();
  auto problem = text.no_text();
  if (!problem) problem = text.stray_directive();
  if (problem) {
    problems.push_back({{file, problem->line, problem->column}, "", problem->text});
    return false;
  }
  return true;
}

}  // namespace

Node parse_document(std::string_view file, const std::string& bytes, Problems& problems,
                    DocumentBudget& budget) {
  file = beginning_of(file).file;
  Node nothing;
  nothing.place = {file, 1, 1};
  const YamlText text(bytes);
  if (!is_readable(file, text, budget, problems)) return nothing;
  const auto known = static_cast<std::ptrdiff_t>(problems.size());
  Builder builder(file, text, budget, problems);
  std::istringstream stream(text.bytes());
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    NoMore no_more(file, text, problems);
    parser.HandleNextDocument(no_more);
  } catch (const YAML::ParserException& error) {
    const YamlProblem problem =
        text.explain(error.msg, error.mark.line, error.mark.column, builder.open());
    if (builder.has_swallowed()) return nothing;
    // What was found behind it follows from it.
    const auto follows = [&](const Problem& other) {
      return std::pair(other.place.line, other.place.column) >=
             std::pair(problem.line, problem.column);
    };
    problems.erase(std::remove_if(problems.begin() + known, problems.end(), follows),
                   problems.end());
    problems.push_back({{file, problem.line, problem.column}, "", problem.text});
    return nothing;
  } catch (const Unreadable&) {
    return nothing;
  }
  return builder.take();
}

Node parse_document(std::string_view file, const std::string& text, Problems& problems) {
  DocumentBudget budget;
  return parse_document(file, text, problems, budget);
}

}  // namespace gonogo
