// The command line's parser, made from the table of verbs.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "daemon/cli/options.h"

namespace gonogo {

// Parsing runs the verb, and leaves its exit code in `parsed`, which has to outlive the parser.
std::unique_ptr<CLI::App> make_parser(Parsed& parsed);

}  // namespace gonogo
