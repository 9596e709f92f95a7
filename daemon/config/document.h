// Parses YAML text into a tree whose parts know their places.
#pragma once

#include <string>
#include <string_view>

#include "daemon/formats/node.h"

namespace gonogo {

inline constexpr std::size_t most_document_bytes = std::size_t{16} << 20;

// What all files of one configuration may have together.
struct DocumentBudget {
  std::size_t bytes = std::size_t{64} << 20;
  std::size_t values = 5'000'000;
};

// `file` is kept for as long as the process lives. Refuses what YAML allows and a configuration has
// no use for: anchors and aliases, tags, several documents, duplicate keys, keys without a value
// and a ":", more than 32 levels. Every problem has a line and a column. Returns what could be read
// even when there are problems; an empty document is null, at line 1.
Node parse_document(std::string_view file, const std::string& text, Problems& problems,
                    DocumentBudget& budget);
Node parse_document(std::string_view file, const std::string& text, Problems& problems);

}  // namespace gonogo
