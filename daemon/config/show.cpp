#include "daemon/config/show.h"

#include <yaml-cpp/emitter.h>

namespace gonogo {
namespace {

// Without quotes it would begin or end a document.
bool is_marker(const std::string& text) {
  return text.starts_with("---") || text.starts_with("...");
}

void emit(const Node& node, YAML::Emitter& out) {
  switch (node.type) {
    case Node::Type::null: out << YAML::Null; break;
    case Node::Type::scalar:
      if (node.is_quoted || is_marker(node.shown)) out << YAML::DoubleQuoted;
      out << node.shown;
      break;
    case Node::Type::sequence:
      out << YAML::BeginSeq;
      for (const Node& item : node.items) emit(item, out);
      out << YAML::EndSeq;
      break;
    case Node::Type::map:
      out << YAML::BeginMap;
      for (const Node::Entry& entry : node.entries) {
        out << YAML::Key << entry.key << YAML::Value;
        emit(entry.value, out);
      }
      out << YAML::EndMap;
      break;
  }
}

}  // namespace

std::string to_yaml(const Node& node) {
  YAML::Emitter out;
  emit(node, out);
  return std::string(out.c_str()) + "\n";
}

}  // namespace gonogo
