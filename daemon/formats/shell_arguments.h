// The arguments of env, su and runuser, and docker, taken apart as these programs do.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/formats/shell_tokens.h"

namespace gonogo {

// "env [options] [NAME=value ...] program": the text of -S is taken apart into more of them.
struct EnvCall {
  std::vector<ShellToken> before{};  // options and assignments
  std::vector<ShellToken> program{};
};
EnvCall env_call(std::span<const ShellToken> arguments);

// "su [options] [-] [user [arguments of the shell]]", "runuser -u user program".
struct SuCall {
  std::vector<ShellToken> before{};  // options and the user
  std::vector<std::string> lines{};  // of -c
  std::vector<ShellToken> rest{};
  bool is_program = false;  // `rest` is a program, not arguments of a shell
  bool is_refused = false;  // it runs nothing
};
SuCall su_call(std::span<const ShellToken> arguments, bool is_runuser);

// The program that "docker run --entrypoint" names among its options.
std::optional<ShellToken> entrypoint_of(std::span<const ShellToken> options);

}  // namespace gonogo
