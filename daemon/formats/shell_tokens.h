// The words and operators of a shell's command line (sh(1), bash(1)), without running or expanding
// anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

struct ShellToken {
  enum class Kind : std::uint8_t { word, operation, redirection };
  Kind kind = Kind::word;
  std::string text{};  // of a word: without its quotes; of a redirection: its sign and target
  bool is_quoted = false;
  bool is_expanded = false;  // it has a "$" or a backquote that the shell expands
  bool is_adjacent = false;  // nothing is between it and the token before it
  // The texts in "${...}", those within others as well.
  std::vector<std::string> parameters{};
  // The command lines in $(...), `...` and <(...): the shell runs them.
  std::vector<std::string> substitutions{};
};

// Nothing, and why in `problem`, when the shell refuses the line: it then runs nothing of it.
std::optional<std::vector<ShellToken>> shell_tokens(std::string_view line, std::string& problem);

// "NAME=value" before a command.
bool is_assignment(std::string_view word);

}  // namespace gonogo
