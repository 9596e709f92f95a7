#include "daemon/config/fingerprint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <vector>

namespace gonogo {
namespace {

void append_canonical(const Node& node, std::string& out) {
  const auto sized = [&out](const std::string& text) {
    out += std::to_string(text.size()) + ":" + text;
  };
  switch (node.type) {
    case Node::Type::null: out += "~"; break;
    case Node::Type::scalar: sized(node.scalar); break;
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

std::string digest_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::string hex;
  for (std::size_t i = 0; i < 8; ++i) {
    constexpr std::string_view digits = "0123456789abcdef";
    hex += digits[digest.at(i) >> 4];
    hex += digits[digest.at(i) & 15];
  }
  return hex;
}

std::string fingerprint_of(const std::string& kind, const Node* options) {
  std::string text = kind + " ";
  if (options != nullptr) append_canonical(*options, text);
  return digest_of(text);
}

}  // namespace gonogo
