// Decides when to look: each check on its own schedule, never two looks of one at once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/lateness.h"
#include "daemon/core/schedule.h"
#include "daemon/scheduling/attempt.h"

namespace gonogo {

class Runner {
 public:
  // Called on the loop for each observation of the check at `index` of the present checklist.
  using Sink = std::function<void(std::size_t index, Observation observation)>;

  Runner(boost::asio::any_io_executor loop, Clock& clock, Sink sink);
  ~Runner();

  // Puts `checklist` in force. Checks that are as before keep their schedule and the look that is
  // under way; looks of others are abandoned. `has_result`: that check need not be looked at first.
  void start(std::shared_ptr<const Checklist> checklist, std::vector<std::shared_ptr<Probe>> probes,
             const std::vector<bool>& has_result);
  void stop();
  // No look is under way any more, not even an abandoned one. For the end of the daemon.
  bool has_unwound() const;

  // One look as soon as none is under way (and its group has room); the schedule stays.
  void run_now(std::size_t index);
  // The next look comes no later than this.
  void run_by(std::size_t index, SteadyTime when);

  // Nothing for a check without a probe, or one that looks only when asked.
  std::optional<SteadyTime> next_run(std::size_t index) const;
  const Lateness& lateness() const { return lateness_; }
  // By how much the look that is most overdue at this moment is late.
  Duration overdue() const;

 private:
  struct Task;
  void arm(const std::shared_ptr<Task>& task, SteadyTime due);
  void tick(const std::shared_ptr<Task>& task);
  void begin(const std::shared_ptr<Task>& task);
  bool is_full(std::size_t group) const;
  void begin_waiting();

  boost::asio::any_io_executor loop_;
  Clock& clock_;
  Sink sink_;
  std::shared_ptr<const Checklist> checklist_;
  std::vector<std::shared_ptr<Task>> tasks_;  // same index as the checks; null without a probe
  std::vector<std::shared_ptr<ProbeRun>> leaving_;  // of stop()
  std::deque<std::weak_ptr<Task>> waiting_;  // for room in their groups, first come first served
  Lateness lateness_;
};

}  // namespace gonogo
