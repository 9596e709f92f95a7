#include "daemon/config/each.h"

#include <algorithm>
#include <set>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t most_items = 1000;

// One item's texts by the name under which they are filled in: "each" or "each.KEY".
using Texts = std::vector<std::pair<std::string, std::string>>;

class Expansion {
 public:
  Expansion(Texts texts, std::string path, Problems& problems)
      : texts_(std::move(texts)), path_(std::move(path)), problems_(problems) {}

  std::string fill(std::string_view text, const Place& place) {
    std::string filled;
    while (true) {
      const std::size_t at = text.find("${each");
      const bool is_literal = at != std::string_view::npos && at > 0 && text[at - 1] == '$';
      const std::size_t end = at == std::string_view::npos ? at : text.find('}', at);
      if (end == std::string_view::npos) return filled + std::string(text);
      filled += text.substr(0, at);
      const std::string name(text.substr(at + 2, end - at - 2));
      filled += is_literal ? std::string(text.substr(at, end - at + 1)) : value_of(name, place);
      text.remove_prefix(end + 1);
    }
  }

  void fill(Node& node) {
    if (node.is_scalar()) node.scalar = fill(node.scalar, node.place);
    for (Node& item : node.items) fill(item);
    for (Node::Entry& entry : node.entries) fill(entry.value);
  }

 private:
  std::string value_of(const std::string& name, const Place& place) {
    for (const auto& [known, value] : texts_) {
      if (known == name) return value;
    }
    std::string known;
    for (const auto& [key, value] : texts_) known += (known.empty() ? "${" : ", ${") + key + "}";
    problems_.push_back(
        {place, path_,
         "${" + on_one_line(name, 64) + "} is not part of this item (it has " + known + ")"});
    return {};
  }

  Texts texts_;
  std::string path_;
  Problems& problems_;
};

std::optional<Texts> texts_of(const Node& item) {
  if (item.is_scalar()) return Texts{{"each", item.scalar}};
  if (!item.is_map() || item.entries.empty()) return std::nullopt;
  Texts texts;
  for (const Node::Entry& entry : item.entries) {
    if (!entry.value.is_scalar()) return std::nullopt;
    texts.emplace_back("each." + entry.key, entry.value.scalar);
  }
  return texts;
}

void expand_check(Node::Entry&& check, const std::string& path, std::vector<Node::Entry>& into,
                  Problems& problems) {
  const auto complain = [&](const Place& place, std::string text) {
    problems.push_back({place, path + ".each", std::move(text)});
  };
  const Node items = *check.value.find("each");
  std::erase_if(check.value.entries, [](const Node::Entry& entry) { return entry.key == "each"; });
  if (!items.is_sequence() || items.items.empty() || items.items.size() > most_items) {
    complain(items.place, "is no list of 1 to 1000 items (such as each: [db, api])");
    return;
  }
  if (check.key.find("${each") == std::string::npos) {
    complain(check.place, "needs an id that differs for each item (such as \"port-${each}\")");
    return;
  }
  for (const Node& item : items.items) {
    auto texts = texts_of(item);
    if (!texts) {
      complain(item.place, "contains an item that is neither a text nor a map of texts");
      continue;
    }
    Expansion expansion(std::move(*texts), path, problems);
    Node::Entry one = check;
    one.key = expansion.fill(check.key, check.place);
    one.place = item.place;
    expansion.fill(one.value);
    const auto same = [&one](const Node::Entry& other) { return other.key == one.key; };
    if (std::any_of(into.begin(), into.end(), same)) {
      complain(item.place, "makes the check " + in_quotes(one.key) + " twice");
      continue;
    }
    into.push_back(std::move(one));
  }
}

}  // namespace

void expand_each(Node& root, Problems& problems) {
  Node* gates = root.find("gates");
  if (gates == nullptr) return;
  for (Node::Entry& gate : gates->entries) {
    Node* checks = gate.value.is_map() ? gate.value.find("checks") : nullptr;
    if (checks == nullptr) continue;
    std::vector<Node::Entry> expanded;
    for (Node::Entry& check : checks->entries) {
      if (check.value.find("each") == nullptr) {
        expanded.push_back(std::move(check));
      } else {
        const std::string path = "gates." + gate.key + ".checks." + check.key;
        expand_check(std::move(check), path, expanded, problems);
      }
    }
    checks->entries = std::move(expanded);
  }
}

}  // namespace gonogo
