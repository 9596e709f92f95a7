// Paths of the table of routes: "/api/v1/checks/{id}/run".
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

// What a path has in place of the names in braces.
using PathParts = std::map<std::string, std::string, std::less<>>;

// A name in braces stands for one segment that is not empty. At the end of a pattern, "{name...}"
// stands for all that is left of the path, and a slash after "{name}" makes no difference.
std::optional<PathParts> match_path(std::string_view pattern, std::string_view path);

}  // namespace gonogo
