#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::json;

constexpr const char* path = "/api/v1/deployments";
// A daemon that is restarted answers again within this time.
constexpr Duration longest_silence = std::chrono::minutes{5};
// The daemon answers within half an hour, however long the checks take that it runs first.
constexpr Duration longest_runs = std::chrono::minutes{31};

std::optional<json> read_deployments(const CommonOptions& common, const DaemonOptions& daemon,
                                     std::string& problem) {
  const auto answer = ask_daemon(common, daemon, "GET", std::string(path) + "?limit=20", problem);
  if (!answer) return std::nullopt;
  json document = json::parse(answer->body, nullptr, false);
  if (answer->status == 200 && document.is_object() && document.contains("deployments"))
    return document["deployments"];
  problem = "the daemon answered " + std::to_string(answer->status) + ": " + answer->detail();
  return std::nullopt;
}

// Prints which blockers the daemon will run first. False when it does not answer.
bool announce_runs(const CommonOptions& common, const DaemonOptions& daemon) {
  std::string problem;
  const auto answer = ask_daemon(common, daemon, "GET", "/api/v1/checks", problem);
  if (!answer) return false;
  const json document = json::parse(answer->body, nullptr, false);
  std::string ids;
  if (answer->status != 200 || !document.is_object()) return true;
  for (const json& check : document.value("checks", json::array())) {
    const std::string state = check.value("state", "");
    const bool is_run = check.contains("interval_seconds") && check["interval_seconds"].is_null() &&
                        check.value("severity", "") == "blocker" &&
                        (state == "pending" || state == "stale");
    if (is_run) ids += (ids.empty() ? "" : ", ") + check.value("id", "");
  }
  if (!ids.empty()) std::cerr << "runs first: " << ids << std::endl;
  return true;
}

int print(const json& deployment) {
  const std::string status = deployment.value("status", "");
  std::cout << deployment.value("version", "") << ": " << status << "\n";
  for (const json& finding : deployment.value("findings", json::array()))
    std::cout << "  " << finding.get<std::string>() << "\n";
  if (status == "unproven") return exit_unproven;
  const bool has_failed = status == "regressed" || status == "superseded" || status == "refused";
  return has_failed ? exit_no_go : exit_go;
}

// Waits until the deploy is no longer watched. The daemon judges it; this only asks.
int wait_for(const CommonOptions& common, const DaemonOptions& daemon, std::int64_t id) {
  Workbench bench;
  SteadyTime answered = bench.clock.now();
  while (true) {
    std::string problem;
    const auto deployments = read_deployments(common, daemon, problem);
    if (deployments) {
      answered = bench.clock.now();
      for (const json& deployment : *deployments) {
        if (deployment.value("id", std::int64_t{0}) != id) continue;
        if (deployment.value("status", "") != "watching") return print(deployment);
      }
    } else if (bench.clock.now() - answered > longest_silence) {
      std::cerr << problem << "\n";
      return exit_no_answer;
    }
    bench.pause(std::chrono::seconds{1});
  }
}

}  // namespace

int deploy_announce(const CommonOptions& common, const DaemonOptions& daemon,
                    const DeployOptions& options) {
  return send_to_daemon(common, daemon, "POST", "/api/v1/release",
                        to_json_text(json{{"release", options.version}}));
}

int deploy_start(const CommonOptions& common, const DaemonOptions& daemon,
                 const DeployOptions& options) {
  json body{{"version", options.version}};
  if (!options.watch.empty()) body["watch"] = options.watch;
  if (options.force) body["force"] = true;
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (options.no_run) body["run"] = false;
  DaemonOptions patient = daemon;
  if (!options.no_run && !options.force && announce_runs(common, daemon))
    patient.timeout = longest_runs;
  if (!options.wait) return send_to_daemon(common, patient, "POST", path, to_json_text(body));
  std::string problem;
  const auto answer = ask_daemon(common, patient, "POST", path, problem, to_json_text(body));
  if (!answer || answer->status == 503) {
    std::cerr << (answer ? answer->detail() : problem) << "\n";
    return exit_no_answer;
  }
  const json deployment = json::parse(answer->body, nullptr, false);
  if (answer->status != 201 || !deployment.is_object()) {
    std::cerr << answer->detail() << "\n";
    return exit_no_go;
  }
  std::cout << options.version << ": watched for " << deployment.value("watch_seconds", 0.0) << " s"
            << std::endl;
  return wait_for(common, daemon, deployment.value("id", std::int64_t{0}));
}

int deploy_status(const CommonOptions& common, const DaemonOptions& daemon) {
  std::string problem;
  const auto deployments = read_deployments(common, daemon, problem);
  if (!deployments) {
    std::cerr << problem << "\n";
    return exit_no_answer;
  }
  if (deployments->empty()) {
    std::cout << "no deploy was started\n";
    return exit_go;
  }
  return print(deployments->front());
}

}  // namespace gonogo
