// Parses YAML text into a tree whose parts know their places.
#pragma once

#include <string>
#include <string_view>

#include "daemon/formats/node.h"

namespace gonogo {

inline constexpr std::size_t most_document_bytes = 1 << 20;

// `file` is kept for as long as the process lives. Refuses what YAML allows and a configuration has
// no use for: anchors and aliases, tags, several documents, duplicate keys, more than 32 levels or
// 100,000 values. Returns what could be read even when there are problems.
Node parse_document(std::string_view file, const std::string& text, Problems& problems);

}  // namespace gonogo
