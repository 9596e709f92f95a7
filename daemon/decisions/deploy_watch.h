// Watches the last deploy: what it is compared with, until when, and how it ended.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/deploying.h"
#include "daemon/core/watch.h"
#include "daemon/decisions/decision_writer.h"
#include "daemon/decisions/demand_runs.h"
#include "daemon/decisions/figure_history.h"
#include "daemon/formats/redactor.h"
#include "daemon/scheduling/live_board.h"
#include "daemon/scheduling/runner.h"

namespace gonogo {

class DeployWatch {
 public:
  // How many deploys ended in which way, in this process.
  using Endings = std::array<std::uint64_t, deployment_status_names.size()>;

  DeployWatch(boost::asio::any_io_executor loop, Clock& clock, Runtimes& runtimes, Runner& runner,
              LiveBoard& board, DecisionWriter& writer)
      : loop_(std::move(loop)),
        clock_(clock),
        runtimes_(runtimes),
        runner_(runner),
        board_(board),
        writer_(writer),
        demand_(clock, runtimes, runner) {}

  // `redactor` removes secrets from what is logged about the hook.
  void open(const Redactor& redactor) { redactor_ = &redactor; }
  // A configuration is in force. The first time, a deploy that the board has from a former process
  // goes on being watched, and the figures are compared with what that process saved.
  void apply(const DeployingConfig& config);

  // The middle of the last numbers of each figure of the rule, and the figures that have none yet.
  using Baselines = FigureHistory::Baselines;
  Baselines baselines() const { return history_.baselines(); }

  // Runs what is run only when asked, for a deploy that is about to begin.
  DemandRuns& demand() { return demand_; }

  // Watches `deployment`. One that is still watched is superseded by it.
  void begin(const Deployment& deployment);
  // It is written down, and does not begin. The one that is watched goes on.
  void refuse(Deployment deployment, const std::string& why);
  // Called with every observation, after it is recorded.
  void take(const Check& check, const Observation& seen);
  // How soon a watched check has to run again; nothing when it is not watched.
  std::optional<Duration> tightened(const Check& check) const;

  const Endings& endings() const { return endings_; }

 private:
  void resume();
  // Drops the samples of what means something else by now.
  void follow();
  // Time has passed. A silence that is too long was a pause: the daemon was suspended or held up.
  void note_time();
  void tighten(SteadyTime now);
  void pause_until(SteadyTime now, Duration paused, Deployment deployment);
  // Ends the watch if it can be concluded, else asks again in time.
  void consider();
  void end(const Conclusion& conclusion);
  Deployment ended_by(const Conclusion& conclusion);
  void run_hook(const Deployment& deployment);

  boost::asio::any_io_executor loop_;
  Clock& clock_;
  Runtimes& runtimes_;
  Runner& runner_;
  LiveBoard& board_;
  DecisionWriter& writer_;
  DemandRuns demand_;
  const Redactor* redactor_ = nullptr;
  DeployingConfig config_;
  FigureHistory history_;
  bool has_resumed_ = false;
  WatchTimes times_;  // of the deploy that is watched
  Definitions definitions_;
  std::string release_;  // that they were followed for last
  SteadyTime noted_{};   // when time was noted last
  Endings endings_{};
  Timer timer_;
  std::shared_ptr<ProbeRun> hook_;
};

}  // namespace gonogo
