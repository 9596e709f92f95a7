// When a line of a log was written, by what it says itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gonogo {

struct LineTime {
  // In seconds since 1970. Without a zone it was written then at the latest, wherever on Earth.
  std::int64_t latest = 0;
  bool has_zone = false;
  std::int64_t utc = 0;  // without a zone: if the clock showed UTC
};

// By the time at the beginning of the line, perhaps behind a level or as a value of `time=`: as RFC
// 3339 and its likes, access logs, Apache's error log, syslog and klog write it, or in a field for
// it (`ts`, `time`, `timestamp`, ...) of a line of JSON. Nothing when it has none: a time elsewhere
// in the line may be of what the line is about. A time without a year is the latest one that is not
// after `now`, in seconds since 1970; 0: not known.
std::optional<LineTime> time_of_line(std::string_view line, std::int64_t now = 0);

}  // namespace gonogo
