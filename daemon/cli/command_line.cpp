#include "daemon/cli/command_line.h"

#include "daemon/cli/parser.h"

namespace gonogo {

int run_command_line(int argc, char** argv) {
  Parsed parsed;
  parsed.common.overrides = overrides_from_environment();
  const std::unique_ptr<CLI::App> parser = make_parser(parsed);
  try {
    parser->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // --help and --version arrive here too, with code 0.
    return parser->exit(error) == 0 ? 0 : exit_usage;
  }
  return parsed.exit_code;
}

}  // namespace gonogo
