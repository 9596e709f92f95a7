// Where a shell gives up in the middle of a line: what is before that place has run, what is behind
// it does not.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "daemon/formats/shell_tokens.h"
#include "daemon/formats/shell_work.h"

namespace gonogo {

// The surroundings of a command.
struct ShellPlace {
  const ShellReading& reading;
  bool in_function = false;
  bool has_arguments = false;  // "$1" may be set
  bool has_usual_path = false;
  std::function<bool(const std::string&)> may_be_set;  // a variable
};

// Why the shell gives up at these words and redirections when it expands them; empty when it does
// not: dash at "${X^^}" and ">& file", every shell at "${X:?}" where X is not set.
std::string refusal_of_expansions(std::span<const ShellToken> tokens, const ShellPlace& place);

// Why dash gives up at this command of its own: "set -o pipefail", "shift", ". /missing".
std::string refusal_of_builtin(std::span<const ShellToken> words, const ShellPlace& place);

// What bash has and dash does not: there is no such program.
bool is_missing_in_dash(std::string_view name);

// Whether dash has an option of this name: "-o nounset".
bool is_option_of_dash(std::string_view name);

}  // namespace gonogo
