// The host's clocks, and one timer on the loop for all calls to come.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <optional>

#include "daemon/core/clock.h"
#include "daemon/core/timer_queue.h"

namespace gonogo {

class SystemClock : public Clock {
 public:
  explicit SystemClock(boost::asio::io_context& loop);
  ~SystemClock() override { forget_timers(); }

  SteadyTime now() const override;
  [[nodiscard]] Timer call_at(SteadyTime when, std::function<void()> action) override;

 private:
  WallTime read_wall() const override;
  void cancel(std::uint64_t id) override;
  void arm();
  void wait();
  void run_due();

  // timerfd on CLOCK_BOOTTIME: Asio's own timers stand still while the host is suspended.
  boost::asio::posix::stream_descriptor descriptor_;
  TimerQueue queue_;
  std::optional<SteadyTime> armed_for_;
};

}  // namespace gonogo
