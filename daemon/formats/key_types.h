// The types that a key of a configuration file may be required to have.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

struct KeyType {
  std::string_view name;  // "port"
  bool (*fits)(const std::string& text);
  std::string_view words;  // "a port from 1 to 65535"
};

// Null for an unknown name.
const KeyType* find_key_type(std::string_view name);
std::vector<std::string_view> names_of_key_types();

// A finite number; nothing when the text is anything else.
std::optional<double> number_in(std::string_view text);

}  // namespace gonogo
