// The table of verbs. Parsing, --help, the man page and completions come from it.
#pragma once

#include "daemon/cli/verb.h"

namespace gonogo {

// What the program as a whole is for, in one line.
inline constexpr const char* purpose = "may we deploy now, and if we just did, is it holding?";

const std::vector<Verb>& verbs();
const std::vector<VerbGroup>& verb_groups();

// "wait --for go|no-go", "sign CHECK": the verb with its required arguments.
std::string usage_of(const Verb& verb);

}  // namespace gonogo
