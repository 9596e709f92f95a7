// Runs checks that are run only when asked, one after the other, and waits for each.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/snapshot.h"
#include "daemon/scheduling/runner.h"

namespace gonogo {

class Waiter;

// What has to be run before a deploy can be GO: blockers, and what blockers depend on or are
// composed of, that run only when asked and have no fresh result, or that compare a version with
// the release and have no result since it was announced. What others depend on comes first, then in
// configuration order. A blocker that is waived needs no run.
std::vector<std::string> missing_runs(const Snapshot& snapshot);

class DemandRuns {
 public:
  DemandRuns(Clock& clock, Runtimes& runtimes, Runner& runner)
      : clock_(clock), runtimes_(runtimes), runner_(runner) {}

  struct Ran {
    std::vector<std::string> checks;  // each has a result, or was waited for as long as it may take
    std::string problem;              // why not all of them were run
  };
  // `is_waited_for` is asked while it waits; once it is false, no further run begins.
  boost::asio::awaitable<Ran> run(std::vector<std::string> ids,
                                  std::function<bool()> is_waited_for);
  // Nothing is waited for any more: who waits is answered so.
  void stop();

 private:
  boost::asio::awaitable<void> pause();

  Clock& clock_;
  Runtimes& runtimes_;
  Runner& runner_;
  Timer timer_;
  std::shared_ptr<Waiter> pausing_;
  bool is_stopped_ = false;
};

}  // namespace gonogo
