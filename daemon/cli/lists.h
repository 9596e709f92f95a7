// Checklists from files, and documents to files: what several verbs share.
#pragma once

#include <optional>
#include <string>

namespace gonogo {

// Nothing when it cannot be read; why not is on standard error.
std::optional<std::string> read_list(const std::string& path);

// To standard output when `path` is empty; the exit code.
int write_output(const std::string& path, const std::string& text);

}  // namespace gonogo
