#include <iostream>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/formats/url.h"

namespace gonogo {

int verdict(const CommonOptions& common, const DaemonOptions& daemon,
            const VerdictOptions& options) {
  std::string target = std::string("/verdict?format=") + (options.explain ? "explain"
                                                          : options.json  ? "json"
                                                                          : "text");
  if (!options.gate.empty()) target += "&gate=" + percent_encoded(options.gate);
  std::string problem;
  const std::optional<DaemonAnswer> answer = ask_daemon(common, daemon, "GET", target, problem);
  if (!answer) {
    std::cerr << problem << "\n";
    return exit_no_answer;
  }
  if (answer->status != 200 && answer->status != 503) {
    std::cerr << "the daemon answered " << answer->status << ": " << answer->detail() << "\n";
    return answer->status == 404 ? exit_usage : exit_no_answer;
  }
  std::cout << answer->body;
  return answer->status == 200 ? exit_go : exit_no_go;
}

}  // namespace gonogo
