// The only source of time: what is now, and a call when a moment has come.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "daemon/core/clock_steps.h"
#include "daemon/core/time.h"

namespace gonogo {

class Clock;

// The right to one future call. Destroying or replacing it takes the call back. It may outlive its
// clock, and does nothing then.
class Timer {
 public:
  Timer() = default;
  Timer(Timer&& other) noexcept = default;
  Timer& operator=(Timer&& other) noexcept {
    if (this != &other) {
      cancel();
      clock_ = std::move(other.clock_);
      id_ = other.id_;
    }
    return *this;
  }
  ~Timer() { cancel(); }

  void cancel();

 private:
  friend class Clock;
  Timer(std::shared_ptr<Clock*> clock, std::uint64_t id) : clock_(std::move(clock)), id_(id) {}

  std::shared_ptr<Clock*> clock_;  // to null when it is gone
  std::uint64_t id_ = 0;
};

class Clock {
 public:
  Clock() = default;
  virtual ~Clock() { forget_timers(); }
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  virtual SteadyTime now() const = 0;
  WallTime wall() const { return both().wall; }
  Now both() const {
    const Now now_on_both{now(), read_wall()};
    steps_.note(now_on_both);
    return now_on_both;
  }
  // For a judgement by the wall clock, which may have been set of late (judged_by()).
  WallReading wall_reading() const {
    const Now now_on_both = both();
    if (!doubts_steps_) return {now_on_both.wall, std::nullopt, {}};
    return {now_on_both.wall, steps_.former(now_on_both), steps_.words(now_on_both)};
  }
  // Whether a wall clock that was set is in doubt for a minute.
  void doubt_steps(bool does) { doubts_steps_ = does; }

  // Calls `action` on the loop's thread, never from inside call_at, once `when` has come.
  [[nodiscard]] virtual Timer call_at(SteadyTime when, std::function<void()> action) = 0;

 protected:
  Timer timer(std::uint64_t id) { return {here_, id}; }
  // Before any part of a clock is destroyed: the calls that it kept may hold timers themselves.
  void forget_timers() { *here_ = nullptr; }

 private:
  friend class Timer;
  virtual WallTime read_wall() const = 0;
  virtual void cancel(std::uint64_t id) = 0;

  mutable ClockSteps steps_;
  bool doubts_steps_ = true;
  std::shared_ptr<Clock*> here_ = std::make_shared<Clock*>(this);
};

inline void Timer::cancel() {
  const auto clock = std::exchange(clock_, nullptr);
  if (clock && *clock != nullptr) (*clock)->cancel(id_);
}

}  // namespace gonogo
