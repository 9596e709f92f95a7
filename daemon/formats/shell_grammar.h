// Whether a shell takes a command line at all: one that it refuses runs nothing, not even what
// comes before the fault.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gonogo {

// dash is /bin/sh of Debian, and bash takes more. Of other shells it is not known what they refuse.
enum class ShellDialect : std::uint8_t { bash, dash, other };

// Why the shell refuses the line; empty when it takes it. Where the line has a part that only bash
// has and that is not read here ("[[ ... ]]", arrays), bash refuses nothing.
std::string shell_syntax_problem(std::string_view line, ShellDialect dialect);

}  // namespace gonogo
