#include "daemon/config/fingerprint.h"

#include <algorithm>
#include <vector>

#include "daemon/formats/digests.h"

namespace gonogo {
namespace {

void append_canonical(const Node& node, std::string& out) {
  const auto sized = [&out](const std::string& text) {
    out += std::to_string(text.size()) + ":" + text;
  };
  switch (node.type) {
    case Node::Type::null: out += "~"; break;
    case Node::Type::scalar:
      // By their names: a secret that was rotated leaves what a result means as it was.
      sized(node.parts.empty() ? node.scalar : node.shown);
      break;
    case Node::Type::sequence:
      out += "[";
      for (const Node& item : node.items) append_canonical(item, out);
      out += "]";
      break;
    case Node::Type::map: {
      std::vector<const Node::Entry*> sorted;
      for (const Node::Entry& entry : node.entries) sorted.push_back(&entry);
      std::sort(sorted.begin(), sorted.end(),
                [](const auto* a, const auto* b) { return a->key < b->key; });
      out += "{";
      for (const Node::Entry* entry : sorted) {
        sized(entry->key);
        append_canonical(entry->value, out);
      }
      out += "}";
    }
  }
}

}  // namespace

std::string digest_of(std::string_view text) { return sha256_hex(text).substr(0, 16); }

std::string fingerprint_of(const std::string& kind, const Node* options) {
  std::string text = kind + " ";
  if (options != nullptr) append_canonical(*options, text);
  return digest_of(text);
}

}  // namespace gonogo
