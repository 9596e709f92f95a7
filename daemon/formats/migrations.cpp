#include "daemon/formats/migrations.h"

#include <re2/re2.h>

#include "daemon/core/text.h"

namespace gonogo {

std::set<std::string> alembic_heads(const std::vector<std::string>& files) {
  static const RE2 revision(R"((?m)^revision\s*(?::[^=\n]*)?=\s*["']([^"'\n]+)["'])");
  // None, a name, or a tuple or list of names, which may span several lines.
  static const RE2 down(
      R"((?m)^down_revision\s*(?::[^=\n]*)?=\s*(None|["'][^"'\n]+["']|[(\[][^)\]]*[)\]]))");
  static const RE2 name(R"(["']([^"'\n]+)["'])");
  std::set<std::string> heads;
  std::set<std::string> parents;
  for (const std::string& text : files) {
    std::string own;
    if (!RE2::PartialMatch(text, revision, &own)) continue;
    heads.insert(own);
    std::string below;
    if (!RE2::PartialMatch(text, down, &below)) continue;
    re2::StringPiece rest(below);
    std::string parent;
    while (RE2::FindAndConsume(&rest, name, &parent)) parents.insert(parent);
  }
  for (const std::string& parent : parents) heads.erase(parent);
  return heads;
}

std::set<std::string> parse_alembic_heads(std::string_view output) {
  std::set<std::string> heads;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = trimmed(output.substr(0, end));
    if (!line.empty()) heads.emplace(line.substr(0, line.find_first_of(" \t")));
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  return heads;
}

}  // namespace gonogo
