// Points and spans of time, and how they are written.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace gonogo {

using Duration = std::chrono::nanoseconds;

// The tag of CLOCK_BOOTTIME: runs on through suspension and is deaf to changes of the wall clock.
// It has no now(): only a Clock gives the time.
struct BootTime {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<BootTime>;
  static constexpr bool is_steady = true;
};

using SteadyTime = BootTime::time_point;                            // for intervals and ages
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;  // for people and documents

// One moment on both clocks.
struct Now {
  SteadyTime steady;
  WallTime wall;
};

constexpr double in_seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

// "2026-04-05T02:15:31Z", with milliseconds when `milliseconds` is asked for (RFC 3339, UTC).
std::string to_rfc3339(WallTime time, bool milliseconds = false);

// Seconds since 1970 as a fraction.
double to_epoch(WallTime time);

// For people: the two largest units that matter ("26h", "2d3h", "1m30s", "250ms").
std::string to_words(Duration span);

}  // namespace gonogo
