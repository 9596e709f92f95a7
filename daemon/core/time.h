// Points and spans of time, and how they are written.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

using Duration = std::chrono::nanoseconds;

// The tag of CLOCK_BOOTTIME: runs on through suspension and is deaf to changes of the wall clock.
// It has no now(): time comes from a Clock alone.
struct BootTime {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<BootTime>;
  static constexpr bool is_steady = true;
};

using SteadyTime = BootTime::time_point;                            // for intervals and ages
using WallTime = std::chrono::sys_time<std::chrono::microseconds>;  // for people and documents

// One moment, on both clocks.
struct Now {
  SteadyTime steady;
  WallTime wall;
};

constexpr double in_seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

// "2026-04-05T02:15:31Z", with milliseconds when `milliseconds` is asked for (RFC 3339, UTC).
std::string to_rfc3339(WallTime time, bool milliseconds = false);

// Seconds since 1970 as a fraction.
double to_epoch(WallTime time);

// RFC 3339 with a zone ("Z" or an offset); nothing when the text is anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);

// ISO 8601's compact form "20260106T120000Z"; nothing when the text is anything else.
std::optional<WallTime> parse_compact_time(std::string_view text);

// For people: the two largest units that matter ("26h", "2d3h", "1m30s", "250ms").
std::string to_words(Duration span);

}  // namespace gonogo
