// What the clocks of a time zone show, without the database that says so.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "daemon/core/time.h"

namespace gonogo {

using LocalMinutes = std::chrono::minutes;  // since 1970-01-01T00:00 on the clocks of a zone

// The clocks of a zone as two pure functions. A time that the clocks skip is the moment of the
// change; a time that they show twice is the first of the two.
struct TimeZone {
  std::string name;
  std::function<LocalMinutes(WallTime)> to_local;
  std::function<WallTime(LocalMinutes)> to_wall;
};

}  // namespace gonogo
