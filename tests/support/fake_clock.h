// Time that tests move.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>

#include "daemon/core/clock.h"
#include "daemon/core/timer_queue.h"

namespace gonogo {

class FakeClock : public Clock {
 public:
  explicit FakeClock(boost::asio::io_context& loop) : loop_(loop) {}
  ~FakeClock() override { forget_timers(); }

  SteadyTime now() const override { return now_; }
  [[nodiscard]] Timer call_at(SteadyTime when, std::function<void()> action) override {
    return timer(queue_.add(when, std::move(action)));
  }

  // Moves time from timer to timer, letting the loop do its work at each.
  void advance(Duration span) {
    const SteadyTime target = now_ + span;
    settle();
    while (true) {
      const auto next = queue_.earliest();
      if (!next || *next > target) break;
      now_ = std::max(now_, *next);
      run_due();
    }
    now_ = target;
    settle();
  }

  // Time passes while this process does not run: everything due comes late.
  void stall(Duration span) {
    now_ += span;
    run_due();
    settle();
  }

  // Time passes, and no timer has been called yet.
  void pass_unnoticed(Duration span) { now_ += span; }

  void set_wall_ahead(Duration span) { wall_offset_ += span; }

  void settle() {
    loop_.restart();
    while (loop_.poll() > 0) loop_.restart();
    if (on_settled) on_settled();
  }

  // A call is due that has not been made.
  bool has_due() const {
    const auto next = queue_.earliest();
    return next && *next <= now_;
  }

  // Called whenever the loop has no more work at an instant.
  std::function<void()> on_settled;

 private:
  WallTime read_wall() const override {
    return WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}} +
           std::chrono::duration_cast<std::chrono::microseconds>(now_.time_since_epoch() +
                                                                 wall_offset_);
  }
  void cancel(std::uint64_t id) override { queue_.remove(id); }
  void run_due() {
    while (auto action = queue_.take_due(now_)) {
      // Within the loop, as a real clock does: what is dispatched there runs at once.
      boost::asio::post(loop_, std::move(action));
      settle();
    }
  }

  boost::asio::io_context& loop_;
  TimerQueue queue_;
  SteadyTime now_{std::chrono::hours{1000}};
  Duration wall_offset_{};
};

}  // namespace gonogo
