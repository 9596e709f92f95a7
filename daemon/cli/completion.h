// Completions of the command line, made from the table of verbs.
#pragma once

#include <string>

namespace gonogo {

// To be sourced by bash.
std::string bash_completion();

}  // namespace gonogo
