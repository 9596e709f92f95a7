// One run that always answers by its deadline.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "daemon/core/clock.h"
#include "daemon/core/probe.h"

namespace gonogo {

// At the deadline the run is abandoned, not awaited: it has answered, and its coroutine may take
// its time to unwind.
class ProbeRun : public std::enable_shared_from_this<ProbeRun> {
 public:
  using Answer = std::function<void(Observation)>;

  // `answer` is called once, on the loop, never from inside this call; not at all after abandon().
  // Without `memory` the probe remembers nothing of former runs.
  static std::shared_ptr<ProbeRun> start(boost::asio::any_io_executor loop, Clock& clock,
                                         std::shared_ptr<Probe> probe, Duration timeout,
                                         Answer answer,
                                         std::shared_ptr<ProbeMemory> memory = nullptr);

  // Calls `ended` when the coroutine of a run that has answered ends. Not after abandon().
  void call_when_unwound(std::function<void()> ended) { ended_ = std::move(ended); }

  SteadyTime began() const { return attempt_.began().steady; }
  bool is_answered() const { return !answer_; }
  bool is_unwound() const { return unwound_; }
  // It answered that its target did not answer by the deadline.
  bool has_timed_out() const { return timed_out_; }
  // Its deadline passed before it ended, whoever was to blame.
  bool is_overdue() const { return late_.has_value(); }
  // From now on it counts as timed out.
  void blame_target() { timed_out_ = true; }

  // Cancels the run; no answer is delivered.
  void abandon();

  ProbeRun(boost::asio::any_io_executor loop, Clock& clock, std::shared_ptr<Probe> probe,
           Duration timeout, Answer answer, std::shared_ptr<ProbeMemory> memory);

 private:
  static boost::asio::awaitable<Finding> drive(std::shared_ptr<ProbeRun> self);
  void finished(std::exception_ptr error, Finding finding);
  void out_of_time();
  void answer_late();
  void give(Finding finding);

  boost::asio::any_io_executor loop_;
  Clock& clock_;
  std::shared_ptr<Probe> probe_;
  Duration timeout_;
  Attempt attempt_;
  Answer answer_;
  std::function<void()> ended_;
  Timer deadline_;
  std::optional<Duration> late_;      // how long after its deadline the run was found overdue
  std::optional<Finding> own_fault_;  // why this daemon is to blame for that
  boost::asio::cancellation_signal cancel_;
  bool unwound_ = false;
  bool timed_out_ = false;
};

}  // namespace gonogo
