// A configuration as a tree. Each part knows its place in its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

struct Place {
  std::string_view file;  // the parser owns it as long as the process lives
  int line = 0;           // from 1; 0 means no file (a flag, an environment variable)
  int column = 0;
};

struct Node {
  enum class Type : std::uint8_t { null, scalar, sequence, map };
  struct Entry;
  // A text, or the name of a secret.
  struct Part {
    bool is_secret = false;
    std::string text;
  };

  bool is_null() const { return type == Type::null; }
  bool is_scalar() const { return type == Type::scalar; }
  bool is_sequence() const { return type == Type::sequence; }
  bool is_map() const { return type == Type::map; }

  const Node* find(std::string_view key) const;
  Node* find(std::string_view key);

  Type type = Type::null;
  std::string scalar;         // its value, with variables and secrets filled in
  std::string shown;          // what `config show` prints: secrets are replaced by their names
  bool is_quoted = false;     // a quoted scalar is text, even if it reads as a number
  bool holds_secret = false;  // it was read as a secret, or a secret was filled in
  bool is_of_world = false;   // a secret was filled in whose value comes from outside
  bool is_reported = false;   // it is wrong and that is said: what follows from it is no problem
  bool may_be_empty = false;  // without a value it means the same as if its key were not there
  std::vector<Part> parts;    // of a scalar into which secrets were filled
  Place place;
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the order written; keys are distinct
};

struct Node::Entry {
  std::string key;
  Place place;
  Node value;
};

inline const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

inline Node* Node::find(std::string_view key) {
  for (Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

// One problem of a configuration.
struct Problem {
  Place place;
  std::string path;  // "gates.health.checks.api.http.url"
  std::string text;  // "what is wrong (what would be right)"
};
using Problems = std::vector<Problem>;

// "file:line:column: path.to.key: what is wrong (what would be right)"
std::string to_text(const Problem& problem);

}  // namespace gonogo
