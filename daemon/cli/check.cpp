#include <fstream>
#include <iostream>

#include "daemon/cli/poll.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/core/judge.h"
#include "daemon/core/text.h"
#include "exporters/junit_document.h"
#include "exporters/snapshot_document.h"

namespace gonogo {
namespace {

std::string ids_of(const Checklist& list, const std::vector<std::size_t>& checks) {
  std::vector<std::string> ids;
  for (const std::size_t index : checks) ids.push_back(list.checks[index].id);
  return joined(ids);
}

// What is run although nobody named it, and what is not run although it is needed.
void announce_needed(const Checklist& list, const Selection& selection, std::ostream& out) {
  std::vector<std::size_t> run;
  std::vector<std::size_t> left;
  for (const std::size_t index : selection.needed) {
    const Check& check = list.checks[index];
    if (check.has_probe()) (check.on_demand ? left : run).push_back(index);
  }
  if (!run.empty())
    out << "also runs what these depend on or consist of: " << ids_of(list, run) << "\n";
  if (!left.empty())
    out << "does not run what is on demand (name it to run it): " << ids_of(list, left) << "\n";
}

bool write_junit(const std::string& path, const Snapshot& snapshot, const PolledChecks& polled) {
  std::ofstream file(path);
  file << junit_document(snapshot, polled);
  if (file.flush()) return true;
  std::cerr << path << " could not be written\n";
  return false;
}

}  // namespace

int check(const CommonOptions& common, const CheckOptions& options) {
  Workbench bench;
  Overrides overrides = common.overrides;
  overrides.serves = false;
  auto config = load_config(common.config, overrides, bench.resources);
  if (!config) {
    for (const Problem& problem : config.error()) std::cerr << to_text(problem) << "\n";
    return exit_bad_config;
  }
  bench.resolver.use_servers(config->name_servers);
  bench.resources.docker_socket = config->docker_socket;
  const Checklist& list = *config->checklist;
  bench.resources.hide = [&config](const Redactor& more) { config->redactor.hide_all_of(more); };
  std::string problem;
  const auto selection = select_checks(list, options.only, problem);
  if (!selection) {
    std::cerr << problem << "\n";
    return exit_usage;
  }
  announce_needed(list, *selection, options.json ? std::cerr : std::cout);
  Poll poll(*config, bench, *selection, {.speaks = !options.json, .retries = !options.no_retry});
  poll.run();
  const Snapshot snapshot = poll.judged();

  // The verdict is over what was asked for; the others only explain it.
  const PolledChecks polled{!selection->by_name, selection->asked, selection->needed};
  for (const auto* part : {&selection->needed, &selection->asked}) {
    for (const std::size_t index : *part) {
      if (!options.json && !poll.is_printed(index)) poll.print(index, snapshot);
    }
  }
  const std::size_t blocking = count_blocking(snapshot, polled);
  const bool go = is_go(snapshot, polled);
  if (options.json) {
    std::cout << poll_json(snapshot, polled);
  } else {
    std::cout << "verdict: " << (go ? "GO" : "NO-GO") << " ("
              << counted(selection->asked.size(), "check") << ", " << blocking << " blocking"
              << (snapshot.frozen ? ", frozen" : "") << ")\n";
  }
  if (!options.junit.empty() && !write_junit(options.junit, snapshot, polled)) return exit_no_go;
  return go ? exit_go : exit_no_go;
}

}  // namespace gonogo
