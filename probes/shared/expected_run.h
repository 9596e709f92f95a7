// The times at which a job is expected to run, by a cron expression.
#pragma once

#include <optional>

#include "daemon/core/time_zone.h"
#include "daemon/formats/cron_expression.h"

namespace gonogo {

class Settings;

struct ExpectedRun {
  CronExpression cron;
  TimeZone zone;
  Duration grace{};  // how late a run may be

  // The latest time at which a run was due and since which `allowed` has passed: that run has to be
  // over.
  std::optional<WallTime> last_due(WallTime now, Duration allowed) const;
};

// What the option `zone` may be of; without a schedule, in the second case, of something else.
enum class ZoneOf { schedule, schedule_or_times };

// Reads `schedule`, `zone` and `grace`; nothing without a schedule. Problems go to `settings`.
std::optional<ExpectedRun> read_expected_run(Settings& settings, ZoneOf zone_of = ZoneOf::schedule);

}  // namespace gonogo
