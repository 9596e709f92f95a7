#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

using nlohmann::json;

void print_verdict(const json& change) {
  std::cout << change.value("at", "") << " verdict " << change.value("to", "") << "\n";
  for (const json& line : change.value("flipped_by", json::array()))
    std::cout << "    " << on_one_line(line.get<std::string>(), 400) << "\n";
}

void print_transition(const json& change) {
  std::cout << change.value("at", "") << " " << change.value("check", "") << " "
            << change.value("from", "") << " -> " << change.value("to", "");
  if (const std::string reason = change.value("reason", ""); reason != "none" && !reason.empty())
    std::cout << " (" << reason << ")";
  if (const std::string words = change.value("summary", ""); !words.empty())
    std::cout << ": " << on_one_line(words, 400);
  std::cout << "\n";
}

// Prints both lists as one, by time.
void print(const json& document) {
  const json verdicts = document.value("verdicts", json::array());
  const json transitions = document.value("transitions", json::array());
  std::size_t next = 0;
  for (const json& change : transitions) {
    while (next < verdicts.size() && verdicts[next].value("at", "") < change.value("at", ""))
      print_verdict(verdicts[next++]);
    print_transition(change);
  }
  while (next < verdicts.size()) print_verdict(verdicts[next++]);
  if (verdicts.empty() && transitions.empty()) std::cout << "nothing changed\n";
}

}  // namespace

int history(const CommonOptions& common, const DaemonOptions& daemon,
            const HistoryOptions& options) {
  std::string since = options.since;
  if (const auto ago = parse_duration(since)) {
    const Workbench bench;
    since = to_rfc3339(bench.clock.wall() -
                       std::chrono::duration_cast<std::chrono::microseconds>(*ago));
  }
  std::string target = options.check.empty()
                           ? "/api/v1/history"
                           : "/api/v1/checks/" + percent_encoded(options.check) + "/history";
  target += "?limit=" + std::to_string(options.limit) + "&since=" + percent_encoded(since);
  std::string problem;
  const auto answer = ask_daemon(common, daemon, "GET", target, problem);
  if (!answer || answer->status != 200) {
    std::cerr << (answer ? answer->detail() : problem) << "\n";
    return answer && answer->status == 400 ? exit_usage : exit_no_answer;
  }
  if (options.json) {
    std::cout << answer->body;
    return exit_go;
  }
  const json document = json::parse(answer->body, nullptr, false);
  if (document.is_object()) print(document);
  return exit_go;
}

}  // namespace gonogo
