#include "daemon/config/document.h"

#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/config/yaml_text.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t most_levels = 32;
// A map with fewer keys is searched one by one for a duplicate.
constexpr std::size_t most_searched = 16;

std::string_view kept(std::string_view name) {
  static std::mutex mutex;
  static std::set<std::string, std::less<>> names;
  const std::scoped_lock lock(mutex);
  return *names.emplace(name).first;
}

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
    add({}, 0, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.place = place(mark);
    node.type = Node::Type::scalar;
    node.is_quoted = tag == "!";
    if (node.is_quoted) refuse_open_quote(mark);
    if (tag != "!" && tag != "?")
      complain(node.place, "tag " + in_quotes(tag) + " is not supported (write the value plainly)");
    node.scalar = value;
    node.shown = value;
    // These are YAML's spellings of null; in quotes they are texts.
    if (!node.is_quoted && (value.empty() || value == "~" || value == "null"))
      node.type = Node::Type::null;
    add(std::move(node), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(mark, Node::Type::sequence, anchor, style);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(mark, Node::Type::map, anchor, style);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Node node;
    YAML::Mark mark;
    bool is_block = false;
    bool awaits_value = false;
    std::string key;
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

  void open(const YAML::Mark& mark, Node::Type type, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    if (levels_.size() >= most_levels) {
      complain(place(mark), "is nested deeper than " + std::to_string(most_levels) + " levels");
      throw Unreadable{};
    }
    refuse_anchor(anchor, place(mark));
    Level level;
    level.node.type = type;
    level.node.place = place(mark);
    level.mark = mark;
    level.is_block = style == YAML::EmitterStyle::Block;
    levels_.push_back(std::move(level));
  }

  // The parser takes what follows an open quote as its text, to the next quote or to the end of the
  // file: the checks that are written there would not exist.
  void refuse_open_quote(const YAML::Mark& mark) {
    const std::optional<int> end = text_.end_of_quote(mark.line, mark.column);
    if (!end) {
      problems_.push_back({place(mark), path(),
                           "a quote is not closed: all that follows would be its text (close it, "
                           "or put the text in the other kind of quotes)"});
      throw Unreadable{};
    }
    if (levels_.empty() || !levels_.back().is_block) return;
    const auto sibling = text_.sibling_within(mark.line, *end, levels_.back().mark.column);
    if (sibling)
      complain(place(mark), "a text in quotes goes on in line " + std::to_string(*sibling + 1) +
                                ", which reads like a key or an item of its own (close the quote, "
                                "or indent that line further)");
  }

  void close() {
    Node node = std::move(levels_.back().node);
    const YAML::Mark mark = levels_.back().mark;
    levels_.pop_back();
    add(std::move(node), 0, mark);
  }

  void refuse_anchor(YAML::anchor_t anchor, Place where) {
    if (anchor != 0)
      complain(where, "anchors are not supported (write the value out, or use vars)");
  }

  void add(Node node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    refuse_anchor(anchor, node.place);
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
    if (!node.is_scalar())
      complain(node.place, node.is_map()
                               ? "a key is a map (put a value that begins with `{{` in quotes)"
                               : "a key is no text (such as name: value)");
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
    if (lacks_value(level, node)) {
      // Of "{{ x }}", what is wrong is said of its outer braces.
      if (levels_.size() < 2 || !levels_[levels_.size() - 2].awaits_key())
        complain(level.key_place, level.key.find(':') == std::string::npos
                                      ? "is no `key: value` (a `:` is missing)"
                                      : "a blank is missing behind the `:`");
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
};

class NoMore : public YAML::EventHandler {
 public:
  NoMore(std::string_view file, const YamlText& text, Problems& problems)
      : file_(file), text_(text), problems_(problems) {}
  void OnDocumentStart(const YAML::Mark& mark) override {
    const Place place{file_, mark.line + 1, text_.column_in_characters(mark.line, mark.column)};
    problems_.push_back({place, "",
                         text_.begins_document(mark.line)
                             ? "a second document begins (only one is read)"
                             : "does not belong to what is above it (wanted a map, such as gates: "
                               "..., whose keys begin in one column)"});
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
  if (const auto problem = text.no_text()) {
    problems.push_back({{file, problem->line, problem->column}, "", problem->text});
    return false;
  }
  return true;
}

}  // namespace

Node parse_document(std::string_view file, const std::string& bytes, Problems& problems,
                    DocumentBudget& budget) {
  file = kept(file);
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
