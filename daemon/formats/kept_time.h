// Moments as they are kept for a later process: windows go on where they were.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "daemon/core/time.h"

namespace gonogo {

// Whole numbers of what is kept, within bounds beyond which differences in nanoseconds would wrap
// around: a time of long ago would be a recent one. All throw nlohmann::json::exception when `kept`
// is no whole number.
int kept_count(const nlohmann::json& kept);
Duration kept_span(const nlohmann::json& kept);         // nanoseconds; at most 100 years
SteadyTime kept_boot_time(const nlohmann::json& kept);  // nanoseconds; within 100 years of the boot
WallTime kept_wall_time(const nlohmann::json& kept);    // microseconds; from 1970 to 2255

// [boot clock in nanoseconds, wall clock in microseconds] of the moment `at`.
nlohmann::json kept_time(SteadyTime at, Now now);

// The moment on the present boot clock: by the boot clock within one boot, by the wall clock across
// a boot. Never later than now, so a wall clock that was set back makes no window shorter. Throws
// nlohmann::json::exception when `kept` is no such moment.
SteadyTime recalled_time(const nlohmann::json& kept, bool same_boot, Now now);

}  // namespace gonogo
