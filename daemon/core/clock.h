// The only source of time: what is now, and a call when a moment has come.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "daemon/core/clock_steps.h"
#include "daemon/core/time.h"

namespace gonogo {

class Clock;

// The right to one future call. Destroying or replacing it takes the call back.
class Timer {
 public:
  Timer() = default;
  Timer(Clock& clock, std::uint64_t id) : clock_(&clock), id_(id) {}
  Timer(Timer&& other) noexcept : clock_(std::exchange(other.clock_, nullptr)), id_(other.id_) {}
  Timer& operator=(Timer&& other) noexcept {
    if (this != &other) {
      cancel();
      clock_ = std::exchange(other.clock_, nullptr);
      id_ = other.id_;
    }
    return *this;
  }
  ~Timer() { cancel(); }

  void cancel();

 private:
  Clock* clock_ = nullptr;
  std::uint64_t id_ = 0;
};

class Clock {
 public:
  virtual ~Clock() = default;

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

  // Calls `action` on the loop's thread, never from inside call_at, once `when` has come. The clock
  // must outlive the Timer.
  [[nodiscard]] virtual Timer call_at(SteadyTime when, std::function<void()> action) = 0;

 private:
  friend class Timer;
  virtual WallTime read_wall() const = 0;
  virtual void cancel(std::uint64_t id) = 0;

  mutable ClockSteps steps_;
  bool doubts_steps_ = true;
};

inline void Timer::cancel() {
  if (clock_ != nullptr) std::exchange(clock_, nullptr)->cancel(id_);
}

}  // namespace gonogo
