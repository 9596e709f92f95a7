// The process that runs jq expressions which may loop, take all memory or crash. It is this same
// executable; jq_process.h starts it.
#pragma once

namespace gonogo {

// Whether this process was started as the helper.
bool is_jq_helper(int argc, const char* const* argv);

// Bounds its own memory, reads one request from its standard input, writes the reply and returns
// the exit code.
int run_jq_helper(int argc, const char* const* argv);

inline constexpr const char* jq_helper_verb = "jq-helper";
inline constexpr int exit_no_memory = 71;  // it needed more than it may have
inline constexpr int exit_unbounded =
    72;  // its memory could not be bounded; standard error says why

}  // namespace gonogo
