// `gonogo check --at-daemon`: the daemon runs the checks, and the results count there.
#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/core/text.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

using nlohmann::json;

class RemoteChecks {
 public:
  RemoteChecks(const CommonOptions& common, const DaemonOptions& daemon)
      : common_(common), daemon_(daemon) {}

  int run(const std::vector<std::string>& ids) {
    if (!read_snapshot()) return exit_no_answer;
    for (const std::string& id : ids) {
      if (checks_.find(id) == checks_.end()) {
        std::cerr << in_quotes(id) << " is no check of the daemon\n";
        return exit_usage;
      }
      before_[id] = last_run(id);
    }
    for (const std::string& id : ids) {
      const int refused = ask_to_run(id);
      if (refused != 0) return refused;
    }
    // Each check's own timeout bounds its run; --timeout bounds the wait for all of them.
    Workbench bench;
    const SteadyTime end = bench.clock.now() + daemon_.timeout;
    while (!have_all_run(ids)) {
      if (bench.clock.now() > end) {
        std::cerr << "no result within " << to_words(daemon_.timeout) << "\n";
        return exit_no_answer;
      }
      bench.pause(std::chrono::milliseconds{200});
      if (!read_snapshot()) return exit_no_answer;
    }
    return print(ids);
  }

 private:
  bool read_snapshot() {
    std::string problem;
    const auto answer = ask_daemon(common_, daemon_, "GET", "/api/v1/snapshot", problem);
    if (!answer || answer->status != 200) {
      std::cerr << (answer ? answer->detail() : problem) << "\n";
      return false;
    }
    const json document = json::parse(answer->body, nullptr, false);
    checks_.clear();
    if (!document.is_object() || !document.contains("checks")) return false;
    for (const json& check : document.at("checks")) checks_[check.at("id")] = check;
    return true;
  }

  int ask_to_run(const std::string& id) {
    std::string problem;
    const auto answer = ask_daemon(common_, daemon_, "POST",
                                   "/api/v1/checks/" + percent_encoded(id) + "/run", problem);
    if (answer && answer->status == 202) return 0;
    std::cerr << id << ": " << (answer ? answer->detail() : problem) << "\n";
    return answer ? exit_usage : exit_no_answer;
  }

  std::string last_run(const std::string& id) const {
    const json& last = checks_.at(id).at("last");
    return last.is_object() ? last.value("at", "") : "";
  }

  bool have_all_run(const std::vector<std::string>& ids) const {
    return std::all_of(ids.begin(), ids.end(), [this](const std::string& id) {
      return checks_.find(id) != checks_.end() && last_run(id) != before_.at(id);
    });
  }

  int print(const std::vector<std::string>& ids) const {
    bool all_good = true;
    for (const std::string& id : ids) {
      const json& check = checks_.at(id);
      const bool is_good = check.value("good", false);
      all_good = all_good && (is_good || check.value("severity", "") == "advisory");
      std::cout << check.value("state", "") << " " << check.value("gate", "") << "/" << id << ": "
                << on_one_line(check.value("summary", ""), 400) << "\n";
    }
    return all_good ? exit_go : exit_no_go;
  }

  const CommonOptions& common_;
  const DaemonOptions& daemon_;
  std::map<std::string, json> checks_;
  std::map<std::string, std::string> before_;
};

}  // namespace

int check_at_daemon(const CommonOptions& common, const DaemonOptions& daemon,
                    const CheckOptions& options) {
  if (options.only.empty()) {
    std::cerr << "--at-daemon needs the ids of checks\n";
    return exit_usage;
  }
  return RemoteChecks(common, daemon).run(options.only);
}

}  // namespace gonogo
