#include "daemon/api/path_pattern.h"

namespace gonogo {
namespace {

// Cuts the first segment off, with the slash after it.
std::string_view take_segment(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return segment;
}

}  // namespace

std::optional<PathParts> match_path(std::string_view pattern, std::string_view path) {
  PathParts parts;
  if (pattern.find('{') == std::string_view::npos)
    return pattern == path ? std::optional(parts) : std::nullopt;
  while (!pattern.empty()) {
    const bool has_more = path.find('/') != std::string_view::npos;
    const std::string_view expected = take_segment(pattern);
    if (!expected.starts_with('{')) {
      // A slash stands after this segment exactly when the pattern goes on.
      if (take_segment(path) != expected || pattern.empty() == has_more) return std::nullopt;
      continue;
    }
    const std::string_view name = expected.substr(1, expected.size() - 2);
    if (name.ends_with("...")) {
      parts.emplace(name.substr(0, name.size() - 3), path);
      return parts;
    }
    const std::string_view segment = take_segment(path);
    if (segment.empty() || (!pattern.empty() && !has_more)) return std::nullopt;
    parts.emplace(name, segment);
  }
  return path.empty() ? std::optional(parts) : std::nullopt;
}

}  // namespace gonogo
