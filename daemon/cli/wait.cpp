#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/cli/workbench.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

struct Answered {
  bool is_go = false;
  std::string since;  // of this verdict
  std::string summary;
};

// What no further question changes: this gate does not exist, or who asks is not let in. A proxy
// answers 404 of its own while the daemon restarts, but with another document.
std::optional<int> end_by(const DaemonAnswer& answer, const WaitOptions& options) {
  if (answer.status == 401 || answer.status == 403 || answer.status == 421) return exit_no_answer;
  const bool names_gate = answer.status == 404 && !options.gate.empty() && answer.is_problem();
  return names_gate ? std::optional<int>(exit_usage) : std::nullopt;
}

std::optional<Answered> ask(const CommonOptions& common, const DaemonOptions& daemon,
                            const WaitOptions& options, std::string& problem,
                            std::optional<int>& end) {
  const std::string target =
      options.gate.empty() ? "/verdict" : "/verdict?gate=" + percent_encoded(options.gate);
  const std::optional<DaemonAnswer> answer = ask_daemon(common, daemon, "GET", target, problem);
  if (!answer) return std::nullopt;
  const auto document = nlohmann::json::parse(answer->body, nullptr, false);
  const bool is_verdict = (answer->status == 200 || answer->status == 503) &&
                          document.is_object() && document.contains("since");
  if (!is_verdict) {
    problem = "the daemon answered " + std::to_string(answer->status) + ": " + answer->detail();
    end = end_by(*answer, options);
    return std::nullopt;
  }
  return Answered{answer->status == 200, document.value("since", ""),
                  document.value("summary", "")};
}

}  // namespace

int wait(const CommonOptions& common, const DaemonOptions& daemon, const WaitOptions& options) {
  Workbench bench;
  const SteadyTime give_up = bench.clock.now() + options.timeout;
  std::optional<SteadyTime> holds_since;
  std::string stretch;  // when the verdict began: another time means that it changed in between
  std::string last_words;
  bool answered = false;
  while (true) {
    DaemonOptions question = daemon;
    const SteadyTime now = bench.clock.now();
    question.timeout =
        std::clamp<Duration>(give_up - now, std::chrono::milliseconds{100}, daemon.timeout);
    std::string words;
    std::optional<int> end;
    const std::optional<Answered> answer = ask(common, question, options, words, end);
    if (end) {
      std::cerr << words << "\n";
      return *end;
    }
    answered = answer.has_value();
    const bool as_wanted = answer && answer->is_go == (options.wanted == "go");
    if (answer) words = std::string(answer->is_go ? "GO" : "NO-GO") + ": " + answer->summary;
    // No answer is no evidence: the stretch is broken.
    if (!as_wanted || stretch != answer->since) holds_since.reset();
    if (as_wanted && !holds_since) holds_since = now;
    if (answer) stretch = answer->since;
    if (words != last_words) std::cout << words << std::endl;
    last_words = words;
    const SteadyTime then = bench.clock.now();
    if (holds_since && then - *holds_since >= options.hold) return exit_go;
    if (then + options.poll >= give_up) break;
    bench.pause(options.poll);
  }
  std::cerr << "gave up after " << to_words(options.timeout) << "\n";
  return answered ? exit_no_go : exit_no_answer;
}

}  // namespace gonogo
