// Decides when a check is run: each on its own schedule, never two runs of one at once.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/core/lateness.h"
#include "daemon/scheduling/runtimes.h"

namespace gonogo {

class Runner {
 public:
  // Called on the loop for each observation.
  using Sink = std::function<void(CheckRuntime& runtime, Observation observation)>;

  Runner(boost::asio::any_io_executor loop, Clock& clock, Runtimes& runtimes, Sink sink);
  ~Runner();

  // Schedules the checks that came into force since it was called last. One that has a result is
  // not run before its time comes; one that has none is run soon.
  void start();
  // Abandons the runs under way; nothing is run any more.
  void stop();
  // No run is under way any more, not even an abandoned one. For the end of the daemon.
  bool has_unwound() const;

  // One run as soon as none is under way and its group has room; the schedule stays. Of one that
  // hangs there is an observation at once, and the run follows when it has ended.
  void run_now(CheckRuntime& runtime);
  // The first ones at once, the others one shortly after the other: many at once would make this
  // daemon late. What runs only when asked is not run.
  void run_soon(const std::vector<CheckRuntime*>& checks);
  // What it depends on has recovered since its last result.
  bool has_no_result(const CheckRuntime& runtime) const {
    return runtimes_.has_outlived_its_result(runtime);
  }
  // The next run comes no later than this.
  void run_by(CheckRuntime& runtime, SteadyTime when);

  const Lateness& lateness() const { return lateness_; }
  // By how much the run that is most overdue at this moment is late.
  Duration overdue() const;

 private:
  void schedule(CheckRuntime& runtime);
  void arm(CheckRuntime& runtime, SteadyTime due);
  void tick(CheckRuntime& runtime);
  void begin(CheckRuntime& runtime);
  void run(CheckRuntime& runtime);
  void follow(CheckRuntime& runtime);
  bool is_full(std::size_t group) const;
  void begin_waiting();

  boost::asio::any_io_executor loop_;
  Clock& clock_;
  Runtimes& runtimes_;
  Sink sink_;
  bool is_stopped_ = false;
  std::vector<std::shared_ptr<ProbeRun>> leaving_;   // since stop()
  std::deque<std::weak_ptr<CheckRuntime>> waiting_;  // for room in their groups, the first first
  Lateness lateness_;
};

}  // namespace gonogo
