// When a check is run: pure arithmetic.
#pragma once

#include <string_view>

#include "daemon/core/time.h"

namespace gonogo {

struct Schedule {
  Duration interval{};
  double phase = 0;  // of the interval, in [0, 1)
};

// A check's phase comes from its name: load is spread, and stable across restarts and reloads.
double phase_of(std::string_view name);

// The first tick after `now`. Ticks lie at epoch + (phase + k) x interval.
// Late runs skip ticks, they never bunch up: after a stall we want one run, not forty.
SteadyTime next_start(const Schedule& schedule, SteadyTime epoch, SteadyTime now);

// The first run of one of `count` checks that have no result yet: soon, but spread, so that a large
// configuration does not run all of them in the same instant.
SteadyTime first_start(const Schedule& schedule, std::size_t count, SteadyTime now);

}  // namespace gonogo
