// Watches the last deploy: what it is compared with, until when, and how it ended.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/deploying.h"
#include "daemon/core/watch.h"
#include "daemon/decisions/decision_writer.h"
#include "daemon/formats/redactor.h"
#include "daemon/scheduling/live_board.h"
#include "daemon/scheduling/runner.h"

namespace gonogo {

class DeployWatch {
 public:
  DeployWatch(boost::asio::any_io_executor loop, Clock& clock, Runtimes& runtimes, Runner& runner,
              LiveBoard& board, DecisionWriter& writer)
      : loop_(std::move(loop)),
        clock_(clock),
        runtimes_(runtimes),
        runner_(runner),
        board_(board),
        writer_(writer) {}

  // `redactor` removes secrets from what is logged about the hook.
  void open(const Redactor& redactor) { redactor_ = &redactor; }
  // A configuration is in force. The first time, a deploy that the board has from a former process
  // goes on being watched.
  void apply(const DeployingConfig& config);

  // The middle of the last numbers of each figure of the rule, and the figures that have none yet.
  struct Baselines {
    std::map<std::string, Figure> figures;
    std::vector<std::string> missing;
  };
  Baselines baselines() const;

  // Watches `deployment`. One that is still watched is superseded by it.
  void begin(const Deployment& deployment);
  // Called with every observation, after it is recorded.
  void take(const Check& check, const Observation& seen);
  // How soon a watched check has to run again; nothing when it is not watched.
  std::optional<Duration> tightened(const Check& check) const;

 private:
  void resume();
  void keep_numbers(const Check& check, const Observation& seen);
  // Ends the watch if it can be concluded, else asks again in time.
  void consider();
  void end(const Conclusion& conclusion);
  void run_hook(const Deployment& deployment);

  boost::asio::any_io_executor loop_;
  Clock& clock_;
  Runtimes& runtimes_;
  Runner& runner_;
  LiveBoard& board_;
  DecisionWriter& writer_;
  const Redactor* redactor_ = nullptr;
  DeployingConfig config_;
  // The last numbers of each figure of the rule, by "check/value".
  std::map<std::string, std::deque<double>> recent_;
  std::optional<SteadyTime> began_;  // of the deploy that is watched
  Timer timer_;
  std::shared_ptr<ProbeRun> hook_;
};

}  // namespace gonogo
