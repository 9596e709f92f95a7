// YAML as a configuration: read, shown, and read again.
#include <algorithm>
#include <set>

#include "daemon/config/document.h"
#include "daemon/config/show.h"
#include "daemon/formats/dotenv_text.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

constexpr std::size_t most_levels = 32;

struct Bounds {
  int lines = 0;
  std::size_t values = 0;
};

void inspect(const Node& node, std::size_t level, Bounds& bounds) {
  hold(level <= most_levels + 1, "it is not nested deeper than allowed");
  hold(node.place.line <= bounds.lines, "a value is in a line of the file");
  hold(++bounds.values <= 1'000'000, "the number of values is bounded");
  std::set<std::string_view> keys;
  for (const Node::Entry& entry : node.entries) {
    hold(keys.insert(entry.key).second, "a key is there once");
    inspect(entry.value, level + 1, bounds);
  }
  for (const Node& item : node.items) inspect(item, level + 1, bounds);
}

bool is_same(const Node& one, const Node& other) {
  if (one.type != other.type || one.scalar != other.scalar) return false;
  // What is written plainly may need quotes where it is shown: it is a text either way.
  if (one.is_scalar() && one.is_quoted && !other.is_quoted) return false;
  if (one.items.size() != other.items.size() || one.entries.size() != other.entries.size())
    return false;
  for (std::size_t i = 0; i < one.items.size(); ++i) {
    if (!is_same(one.items[i], other.items[i])) return false;
  }
  for (std::size_t i = 0; i < one.entries.size(); ++i) {
    if (one.entries[i].key != other.entries[i].key) return false;
    if (!is_same(one.entries[i].value, other.entries[i].value)) return false;
  }
  return true;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const DotenvCharacter next = first_character(text);
    if (next.code == 0xFFFD && next.size == 1) return false;
    text.remove_prefix(next.size);
  }
  return true;
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string text(input);
  Problems problems;
  const Node tree = parse_document("gonogo.yaml", text, problems);
  Bounds bounds;
  // YAML also ends lines with a carriage return.
  const auto is_line_end = [](char c) { return c == '\n' || c == '\r'; };
  bounds.lines = 2 + static_cast<int>(std::count_if(text.begin(), text.end(), is_line_end));
  inspect(tree, 1, bounds);
  for (const Problem& problem : problems) {
    hold(problem.place.line <= bounds.lines, "a problem is in a line of the file");
    hold(!to_text(problem).empty(), "a problem has words");
  }
  // What is no UTF-8 is shown as U+FFFD, and a carriage return as the end of a line.
  if (!problems.empty() || !is_utf8(text) || text.find('\r') != std::string::npos) return;
  Problems of_shown;
  const std::string shown = to_yaml(tree);
  const Node again = parse_document("shown.yaml", shown, of_shown);
  hold(of_shown.empty(), "what is shown is a configuration: " + shown);
  hold(is_same(tree, again), "what is shown is the same: " + shown);
}

}  // namespace gonogo
