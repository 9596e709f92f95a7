// What a row of a checklist is likely checked by, and under which id.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "daemon/formats/checklist.h"

namespace gonogo {

// A kind and its options as YAML.
struct Guess {
  std::string kind;
  std::string options;
  std::string each;  // a YAML list: one check for each of these, which `${each}` stands for
};

// Guessed from the words of a row; a row without a guess is signed off by a person. `parent`: the
// row that it is a part of, or null.
Guess guess_kind(const ChecklistRow& row, const ChecklistRow* parent);

// `text` as a YAML text in double quotes, in which "${" is no reference.
std::string quoted_for_yaml(const std::string& text);

}  // namespace gonogo
