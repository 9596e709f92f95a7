#include <iostream>

#include "daemon/cli/completion.h"
#include "daemon/cli/man_page.h"
#include "daemon/cli/parser.h"
#include "daemon/core/text.h"

namespace gonogo {

int help(const HelpOptions& options) {
  if (options.man) {
    std::cout << man_page();
    return exit_go;
  }
  if (!options.completion.empty()) {
    std::cout << bash_completion();
    return exit_go;
  }
  Parsed unused;
  const std::unique_ptr<CLI::App> parser = make_parser(unused);
  const CLI::App* app = parser.get();
  std::string before;
  for (const std::string& word : options.verb) {
    before += (before.empty() ? "" : " ") + app->get_name();
    const auto found =
        app->get_subcommands([&word](const CLI::App* verb) { return verb->get_name() == word; });
    app = found.empty() ? nullptr : found.front();
    if (app == nullptr) {
      std::cerr << in_quotes(joined(options.verb, " ")) << " is no verb (gonogo help names all)\n";
      return exit_usage;
    }
  }
  std::cout << app->help(before);
  return exit_go;
}

}  // namespace gonogo
