// How programs that run others read their arguments: wrappers, shells, su, find, ssh, docker.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/formats/shell_tokens.h"

namespace gonogo {

struct ShellWork;

// Reads a command line that stands within another, at this depth.
using ReadShellLine = std::function<void(std::string_view line, int depth)>;

// Command lines and wrappers within one another.
constexpr int deepest_shell = 8;

// Adds to the work what the program `words[0]` runs with its arguments; `depth` says within how
// many others it is.
void launch(std::span<const ShellToken> words, int depth, ShellWork& work,
            const ReadShellLine& read_line);

}  // namespace gonogo
