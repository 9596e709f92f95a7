// References to variables in the values of a .env file: $NAME, ${NAME}, ${NAME:-word} and the like.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

// The value of a variable; null when it is not set.
using DotenvLookup = std::function<const std::string*(const std::string& name)>;

// A value with its references replaced, as compose does it.
struct DotenvExpansion {
  struct Problem {
    std::size_t at = 0;  // in the text
    std::string text;    // "holds ...", "needs ..."; of the text it shows only what is for people
  };
  std::string value;
  std::vector<std::size_t> unset;  // where variables are used that are not set
  std::optional<Problem> problem;
};

DotenvExpansion expand_references(std::string_view text, const DotenvLookup& lookup);

// The length of the name of a variable at the begin of `text`; 0 when there is none.
std::size_t length_of_variable(std::string_view text);

}  // namespace gonogo
