// Reading checklists and writing documents, for several verbs.
#pragma once

#include <optional>
#include <string>

namespace gonogo {

// Nothing when it cannot be read; the reason is printed to standard error.
std::optional<std::string> read_list(const std::string& path);

// Writes to standard output when `path` is empty. Returns the exit code.
int write_output(const std::string& path, const std::string& text);

}  // namespace gonogo
