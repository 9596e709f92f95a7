// When the team deploys at all: freezes, weekly deploy hours and exceptions, in a time zone.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/time.h"
#include "daemon/core/time_zone.h"

namespace gonogo {

// From its first instant to the last before `until`.
struct Period {
  WallTime from{};
  WallTime until{};
  std::string reason;
};

// On these days of the week from one time of day to another; past 24:00 it ends on the next day.
struct DeployHours {
  std::array<bool, 7> days{};  // from Monday
  std::chrono::minutes from{};
  std::chrono::minutes until{};
};

struct Calendar {
  std::vector<Period> freezes;
  std::vector<DeployHours> hours;  // none: any hour
  std::vector<Period> openings;    // open then, whatever freezes and hours say
  TimeZone zone;                   // asked only where there are hours
};

// No deploy now, whatever the checks say.
struct Closure {
  std::string reason;
  WallTime since{};               // when it was open last
  std::optional<WallTime> until;  // the next opening, if there is one within some years
};

struct CalendarState {
  std::optional<Closure> closed;
  std::optional<WallTime> holds_until;  // from then on it may be another
};

CalendarState state_at(const Calendar& calendar, WallTime time);

}  // namespace gonogo
