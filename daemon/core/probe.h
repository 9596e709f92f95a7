// A way of looking, and one look.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/core/observation.h"

namespace gonogo {

// One look: where it is, since when, and until when it may take. Ended by
// daemon/scheduling/attempt.cpp alone.
class Attempt {
 public:
  Attempt(const Clock& clock, SteadyTime deadline)
      : clock_(clock), began_(clock.both()), entered_(began_.steady), deadline_(deadline) {}

  // The stage that follows; the one before it is over. Entering a stage again adds to its time.
  void enter(Stage stage);

  Stage stage() const { return stage_; }
  const Now& began() const { return began_; }
  SteadyTime deadline() const { return deadline_; }
  Duration remaining() const { return deadline_ - clock_.now(); }
  Duration elapsed() const { return clock_.now() - began_.steady; }
  const Clock& clock() const { return clock_; }

  // Ends the last stage and gives away the phases.
  std::vector<Phase> take_phases();

 private:
  const Clock& clock_;
  Now began_;
  SteadyTime entered_;
  SteadyTime deadline_;
  Stage stage_ = Stage::start;
  std::vector<Phase> phases_;
};

// Ends a look with this finding, from however deep in its parts.
class RunEnded : public std::exception {
 public:
  explicit RunEnded(Finding finding) : finding_(std::move(finding)) {}
  const char* what() const noexcept override { return finding_.summary.c_str(); }
  const Finding& finding() const { return finding_; }

 private:
  Finding finding_;
};

// Straight-line code without timers, retries, logs, counters or try-blocks. What it throws becomes
// a failure at the stage last entered. A probe outlives every look it began.
class Probe {
 public:
  virtual ~Probe() = default;
  virtual boost::asio::awaitable<Finding> run(Attempt& attempt) = 0;
};

// What a look that ended with `error` at `stage` found.
Finding finding_of(const std::exception_ptr& error, Stage stage);

}  // namespace gonogo
