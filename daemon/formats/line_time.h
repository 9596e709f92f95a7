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
};

// By the time at the beginning of the line, as RFC 3339 and its likes, nginx and Apache write it,
// or in the field `ts`, `time`, `timestamp`, `@timestamp` or `datetime` of a line of JSON. Nothing
// when it has none: a time elsewhere in the line may be of what the line is about.
std::optional<LineTime> time_of_line(std::string_view line);

}  // namespace gonogo
