#include "daemon/core/calendar.h"

#include <algorithm>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr auto day_length = std::chrono::minutes{24h};
// A search ends somewhere: with several windows a day this is more than a year.
constexpr int most_steps = 3000;
// Closed for longer than this is closed for long.
constexpr int most_steps_back = 100;

const Period* holding(const std::vector<Period>& periods, WallTime time) {
  const Period* last = nullptr;
  for (const Period& period : periods) {
    const bool holds = period.from <= time && time < period.until;
    if (holds && (last == nullptr || period.until > last->until)) last = &period;
  }
  return last;
}

// 1970-01-01 was a Thursday.
std::size_t weekday_of(std::int64_t day) {
  return static_cast<std::size_t>(((day + 3) % 7 + 7) % 7);
}

// Calls `visit` with the wall times of every window that begins on these local days.
template <typename Visit>
void each_window(const Calendar& calendar, std::int64_t first_day, std::int64_t last_day,
                 Visit visit) {
  for (std::int64_t day = first_day; day <= last_day; ++day) {
    for (const DeployHours& hours : calendar.hours) {
      if (!hours.days.at(weekday_of(day))) continue;
      const auto midnight = day * day_length;
      visit(calendar.zone.to_wall(midnight + hours.from),
            calendar.zone.to_wall(midnight + hours.until));
    }
  }
}

std::int64_t local_day(const Calendar& calendar, WallTime time) {
  return std::chrono::floor<std::chrono::days>(calendar.zone.to_local(time)).count();
}

bool is_within_hours(const Calendar& calendar, WallTime time) {
  if (calendar.hours.empty()) return true;
  const std::int64_t today = local_day(calendar, time);
  bool within = false;
  each_window(calendar, today - 1, today, [&](WallTime from, WallTime until) {
    within = within || (from <= time && time < until);
  });
  return within;
}

bool is_open(const Calendar& calendar, WallTime time) {
  if (holding(calendar.openings, time) != nullptr) return true;
  return holding(calendar.freezes, time) == nullptr && is_within_hours(calendar, time);
}

// The first instant after `time` at which the answer may change.
std::optional<WallTime> next_boundary(const Calendar& calendar, WallTime time) {
  std::optional<WallTime> next;
  const auto consider = [&](WallTime boundary) {
    if (boundary > time && (!next || boundary < *next)) next = boundary;
  };
  for (const Period& opening : calendar.openings) {
    consider(opening.from);
    consider(opening.until);
  }
  // Within a freeze the hours say nothing.
  if (const Period* freeze = holding(calendar.freezes, time)) {
    consider(freeze->until);
    if (holding(calendar.openings, time) == nullptr) return next;
  }
  for (const Period& freeze : calendar.freezes) {
    consider(freeze.from);
    consider(freeze.until);
  }
  if (!calendar.hours.empty()) {
    const std::int64_t today = local_day(calendar, time);
    each_window(calendar, today - 1, today + 8, [&](WallTime from, WallTime until) {
      consider(from);
      consider(until);
    });
  }
  return next;
}

std::optional<WallTime> next_opening(const Calendar& calendar, WallTime time) {
  for (int step = 0; step < most_steps; ++step) {
    const auto boundary = next_boundary(calendar, time);
    if (!boundary) return std::nullopt;
    if (is_open(calendar, *boundary)) return boundary;
    time = *boundary;
  }
  return std::nullopt;
}

// The last instant before or at `time` at which the answer may have changed.
std::optional<WallTime> last_boundary(const Calendar& calendar, WallTime time) {
  std::optional<WallTime> last;
  const auto consider = [&](WallTime boundary) {
    if (boundary <= time && (!last || boundary > *last)) last = boundary;
  };
  for (const auto* periods : {&calendar.openings, &calendar.freezes}) {
    for (const Period& period : *periods) {
      consider(period.from);
      consider(period.until);
    }
  }
  if (!calendar.hours.empty()) {
    const std::int64_t today = local_day(calendar, time);
    each_window(calendar, today - 8, today, [&](WallTime from, WallTime until) {
      consider(from);
      consider(until);
    });
  }
  return last;
}

// Since when it has been closed without a break, as far as the calendar goes back.
WallTime closed_since(const Calendar& calendar, WallTime time) {
  constexpr auto instant = std::chrono::microseconds{1};
  WallTime since = time;
  for (int step = 0; step < most_steps_back; ++step) {
    const auto boundary = last_boundary(calendar, time);
    if (!boundary) return since;
    since = *boundary;
    time = *boundary - instant;
    if (is_open(calendar, time)) return since;
  }
  return since;
}

}  // namespace

CalendarState state_at(const Calendar& calendar, WallTime time) {
  CalendarState state;
  state.holds_until = next_boundary(calendar, time);
  if (is_open(calendar, time)) return state;
  const Period* freeze = holding(calendar.freezes, time);
  state.closed.emplace();
  state.closed->reason =
      freeze != nullptr ? freeze->reason : "outside deploy hours (" + calendar.zone.name + ")";
  state.closed->since = closed_since(calendar, time);
  state.closed->until = next_opening(calendar, time);
  return state;
}

}  // namespace gonogo
