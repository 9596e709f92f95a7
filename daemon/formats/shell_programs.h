// What programs make of their arguments: which run them, and which only read them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/formats/shell_tokens.h"

namespace gonogo {

// A program that runs another one named in its arguments.
struct ShellWrapper {
  std::string_view names;          // with blanks between
  std::string_view values{};       // letters of the options that take the next word
  std::string_view long_values{};  // the long ones, with blanks between
  int operands = 0;                // words before the program: a lock's file, a duration
  bool takes_assignments = false;  // "env A=b program"
  bool takes_line = false;         // "-c 'command line'" behind the operands
  // Options with which it runs nothing ("command -v"): letters, and the long ones.
  std::string_view reads_only{};
  std::string_view long_reads_only{};
};

// The last part of a path.
std::string_view shell_program_name(std::string_view path);

// Nothing when the program is no wrapper.
const ShellWrapper* find_wrapper(std::string_view name);

// Whether an option takes the next word as its value.
bool takes_value(std::string_view option, const ShellWrapper& wrapper);

// Whether the program runs nothing because of an option.
bool runs_nothing(std::string_view option, const ShellWrapper& wrapper);

// The options of programs that are no mere wrappers.
const ShellWrapper& env_options();
const ShellWrapper& su_options();
const ShellWrapper& ssh_options();
const ShellWrapper& watch_options();
const ShellWrapper& container_options();

bool is_shell(std::string_view name);
bool is_container_tool(std::string_view name);  // docker, podman, docker-compose, kubectl
bool only_mentions(std::string_view name);      // echo, test, rm: arguments are not run
bool is_interpreter(std::string_view name);     // python3, psql: a text among its arguments is code

bool passes_files(std::string_view name);      // cat, grep: they print what is in files
bool reads_statements(std::string_view name);  // psql, mysql: what is on standard input is code
bool starts_service(std::string_view verb);    // of systemctl and service

// No program has such a name: an option, a number, "'/opt/x --all'" in quotes when there is no file
// of this name as far as `exists` knows.
bool is_no_program(const ShellToken& program,
                   const std::function<std::optional<bool>(const std::string&)>& exists);

// "5", "*", "1-5", "*/2": no program, but a field too many.
bool is_time_field(std::string_view word);

}  // namespace gonogo
