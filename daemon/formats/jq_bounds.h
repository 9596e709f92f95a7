// Bounds in jq conditions that hold for what is not there.
#pragma once

#include <string>
#include <string_view>

namespace gonogo {

// Begins what an operand that cannot be judged fails with: ".age is null, wanted < 300" follows.
inline constexpr std::string_view bound_problem = "not judged: ";

// In jq's order null comes before every number, and texts, lists and objects after it: `.age < 300`
// is true when there is no age, and `.free > 10` when it is a text. Makes each operand of <, <=, >
// and >= fail with bound_problem if its value is not of the kind that it is compared with (a
// number, a text, or true and false), or, when both operands are computed, if it is null. Lists and
// objects must hold no null, and be of one kind at each place. What jq does not evaluate does not
// fail, as in `.age == null or .age < 300`. Gives `expression` as it is if it has other parts than
// jq_tokens() knows.
std::string with_judged_bounds(std::string_view expression);

}  // namespace gonogo
