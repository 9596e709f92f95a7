// Reading checklists and writing documents, for several verbs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/formats/checklist.h"

namespace gonogo {

// Nothing when it cannot be read; the reason is printed to standard error.
std::optional<std::string> read_list(const std::string& path);

// One sentence for each line of the list at `path` that reads like a row and was not read.
std::vector<std::string> unread_in_words(const ChecklistDocument& document,
                                         const std::string& path);

// Writes to standard output when `path` is empty. Returns the exit code.
int write_output(const std::string& path, const std::string& text);

}  // namespace gonogo
