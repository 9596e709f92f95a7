#include "daemon/config/document.h"

#include <yaml-cpp/emitterstyle.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <mutex>
#include <set>
#include <sstream>
#include <vector>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t most_levels = 32;
constexpr std::size_t most_values = 100'000;

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
  Builder(std::string_view file, Problems& problems) : file_(file), problems_(problems) {}

  Node take() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.place = place(mark);
    add(std::move(node), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    complain(place(mark), "aliases are not supported (write the value out, or use vars)");
    add({}, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.place = place(mark);
    node.type = Node::Type::scalar;
    node.is_quoted = tag == "!";
    if (tag != "!" && tag != "?")
      complain(node.place, "tag " + in_quotes(tag) + " is not supported (write the value plainly)");
    node.scalar = value;
    node.shown = value;
    // These are YAML's spellings of null; in quotes they are texts.
    if (!node.is_quoted && (value.empty() || value == "~" || value == "null"))
      node.type = Node::Type::null;
    add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, Node::Type::sequence, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, Node::Type::map, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Level {
    Node node;
    bool awaits_value = false;
    std::string key;
    Place key_place;
  };

  Place place(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

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

  void open(const YAML::Mark& mark, Node::Type type, YAML::anchor_t anchor) {
    if (levels_.size() >= most_levels) {
      complain(place(mark), "is nested deeper than " + std::to_string(most_levels) + " levels");
      throw Unreadable{};
    }
    refuse_anchor(anchor, place(mark));
    Level level;
    level.node.type = type;
    level.node.place = place(mark);
    levels_.push_back(std::move(level));
  }

  void close() {
    Node node = std::move(levels_.back().node);
    levels_.pop_back();
    add(std::move(node), 0);
  }

  void refuse_anchor(YAML::anchor_t anchor, Place where) {
    if (anchor != 0)
      complain(where, "anchors are not supported (write the value out, or use vars)");
  }

  void add(Node node, YAML::anchor_t anchor) {
    refuse_anchor(anchor, node.place);
    if (++values_ > most_values) {
      complain(node.place, "holds more than " + std::to_string(most_values) + " values");
      throw Unreadable{};
    }
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.is_sequence()) {
      level.node.items.push_back(std::move(node));
    } else if (!level.awaits_value) {
      take_key(level, node);
    } else {
      add_entry(level, std::move(node));
    }
  }

  void take_key(Level& level, const Node& node) {
    level.key = node.scalar;
    level.key_place = node.place;
    if (!node.is_scalar()) complain(node.place, "a key is no text (such as name: value)");
    level.awaits_value = true;
  }

  void add_entry(Level& level, Node node) {
    for (const Node::Entry& entry : level.node.entries) {
      if (entry.key != level.key) continue;
      complain(level.key_place,
               "duplicate key (first at line " + std::to_string(entry.place.line) + ")");
      level.awaits_value = false;
      return;
    }
    level.awaits_value = false;
    // An empty value has no place of its own.
    if (node.place.line <= 0) node.place = level.key_place;
    level.node.entries.push_back({std::move(level.key), level.key_place, std::move(node)});
  }

  std::string_view file_;
  Problems& problems_;
  Node root_;
  std::vector<Level> levels_;
  std::size_t values_ = 0;
};

class NoMore : public YAML::EventHandler {
 public:
  NoMore(std::string_view file, Problems& problems) : file_(file), problems_(problems) {}
  void OnDocumentStart(const YAML::Mark& mark) override {
    problems_.push_back({{file_, mark.line + 1, mark.column + 1},
                         "",
                         "a second document begins (only one is read)"});
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
  Problems& problems_;
};

}  // namespace

Node parse_document(std::string_view file, const std::string& text, Problems& problems) {
  file = kept(file);
  if (text.size() > most_document_bytes) {
    problems.push_back({{file, 0, 0}, "", "is larger than 1MiB"});
    return {};
  }
  if (text.find('\0') != std::string::npos) {
    problems.push_back({{file, 0, 0}, "", "contains a NUL byte (wanted YAML text)"});
    return {};
  }
  Builder builder(file, problems);
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    NoMore no_more(file, problems);
    parser.HandleNextDocument(no_more);
  } catch (const YAML::ParserException& error) {
    problems.push_back(
        {{file, error.mark.line + 1, error.mark.column + 1}, "", "is no YAML: " + error.msg});
    return {};
  } catch (const Unreadable&) {
    return {};
  }
  return builder.take();
}

}  // namespace gonogo
