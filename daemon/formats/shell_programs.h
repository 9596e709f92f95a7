// What programs make of their arguments: which run them, and which only read them.
#pragma once

#include <string_view>

namespace gonogo {

// A program that runs another one named in its arguments.
struct ShellWrapper {
  std::string_view names;          // with blanks between
  std::string_view values{};       // letters of the options that take the next word
  std::string_view long_values{};  // the long ones, with blanks between
  int operands = 0;                // words before the program: a lock's file, a duration
  bool takes_assignments = false;  // "env A=b program"
  bool takes_line = false;         // "-c 'command line'" behind the operands
  std::string_view reads_only{};   // letters of options with which it runs nothing ("command -v")
};

// The last part of a path.
std::string_view shell_program_name(std::string_view path);

// Nothing when the program is no wrapper.
const ShellWrapper* find_wrapper(std::string_view name);

// Whether an option takes the next word as its value.
bool takes_value(std::string_view option, const ShellWrapper& wrapper);

// Words of the shell's grammar: a command follows those of the first kind ("if", "{"), and names or
// patterns those of the second ("for", "case").
bool begins_compound(std::string_view word);
bool begins_list(std::string_view word);

bool is_shell(std::string_view name);
bool is_container_tool(std::string_view name);  // docker, podman, docker-compose, kubectl
bool only_mentions(std::string_view name);      // echo, test, rm: arguments are not run
bool is_interpreter(std::string_view name);     // python3, psql: a text among its arguments is code

// "5", "*", "1-5", "*/2": no program, but a field too many.
bool is_time_field(std::string_view word);

}  // namespace gonogo
