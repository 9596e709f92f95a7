// Lines that YAML takes as part of the text above them, though whoever wrote them hardly meant
// that: the checks that are written there would not exist.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/config/yaml_text.h"

namespace gonogo {

// A text in its file. Lines and columns count from 0, columns in bytes.
struct TextInFile {
  int line = 0;
  int column = 0;
  bool is_within_brackets = false;
  int parent_column = 0;  // where the list or the map begins that it belongs to
};

// What is wrong with a text that begins with a quote and ends in the line `end`.
std::optional<std::string> swallowed_by_quote(const YamlText& file, const TextInFile& text,
                                              int end);

// What is wrong with a text without quotes that is read as `value`.
std::optional<std::string> swallowed_by_plain(const YamlText& file, const TextInFile& text,
                                              std::string_view value);

}  // namespace gonogo
