#include <iostream>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/core/text.h"

namespace gonogo {
namespace {

std::optional<Config> load_or_complain(const CommonOptions& common, Workbench& bench,
                                       bool is_strict = false) {
  auto config = load_config(common.config, common.overrides, bench.resources);
  if (!config) {
    for (const Problem& problem : config.error()) std::cerr << to_text(problem) << "\n";
    return std::nullopt;
  }
  for (const auto* all : {&config->warnings, &config->lacks}) {
    for (const Problem& warning : *all)
      std::cerr << (is_strict ? "" : "warning: ") << to_text(warning) << "\n";
  }
  if (is_strict && !(config->warnings.empty() && config->lacks.empty())) return std::nullopt;
  return std::move(*config);
}

}  // namespace

int config_check(const CommonOptions& common, const ConfigOptions& options) {
  Workbench bench;
  const std::optional<Config> config = load_or_complain(common, bench, options.strict);
  if (!config) return exit_bad_config;
  const std::size_t warnings = config->warnings.size() + config->lacks.size();
  std::size_t checks = 0;
  for (const Check& check : config->checklist->checks) checks += check.is_builtin ? 0 : 1;
  std::cout << common.config << ": " << counted(config->checklist->gates.size() - 1, "gate") << ", "
            << counted(checks, "check") << ", no problem"
            << (warnings > 0 ? ", " + counted(warnings, "warning") : "") << "\n";
  return exit_go;
}

int config_show(const CommonOptions& common) {
  Workbench bench;
  const std::optional<Config> config = load_or_complain(common, bench);
  if (!config) return exit_bad_config;
  std::cout << config->shown;
  return exit_go;
}

int config_reload(const CommonOptions& common, const DaemonOptions& daemon) {
  std::string problem;
  const std::optional<DaemonAnswer> answer =
      ask_daemon(common, daemon, "POST", "/-/reload", problem);
  if (!answer) {
    std::cerr << problem << "\n";
    return exit_no_answer;
  }
  (answer->status == 200 ? std::cout : std::cerr) << answer->detail() << "\n";
  return answer->status == 200 ? exit_go : answer->status == 422 ? exit_bad_config : exit_no_go;
}

}  // namespace gonogo
