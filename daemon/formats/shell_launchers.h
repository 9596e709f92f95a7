// How programs that run others read their arguments: wrappers, shells, su, find, ssh, docker.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/shell_tokens.h"
#include "daemon/formats/shell_work.h"

namespace gonogo {

// Reads a command line that stands within another, at this depth.
using ReadShellLine = std::function<void(std::string_view line, int depth, ShellDialect dialect)>;

// Command lines and wrappers within one another.
constexpr int deepest_shell = 8;

// What a program reads from its standard input.
struct ShellInput {
  std::vector<std::string> files{};
  std::string text{};
};

struct ShellLaunch {
  const ShellReading& reading;
  int depth = 0;  // within how many others the line is
  ShellWork& work;
  const ReadShellLine& read_line;
};

// Adds to the work what the program `words[0]` runs with its arguments.
void launch(std::span<const ShellToken> words, const ShellInput& input, const ShellLaunch& launch);

}  // namespace gonogo
