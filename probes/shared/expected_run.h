// When a job is expected by its cron expression.
#pragma once

#include <optional>

#include "daemon/formats/cron_expression.h"
#include "daemon/formats/time_zone.h"

namespace gonogo {

class Settings;

struct ExpectedRun {
  CronExpression cron;
  TimeZone zone;
  Duration grace{};  // how much later it may be

  // The run that has to be over when `allowed` has passed since.
  std::optional<WallTime> last_due(WallTime now, Duration allowed) const;
};

// Reads `schedule`, `zone` and `grace`; nothing without a schedule. Problems go to `settings`.
std::optional<ExpectedRun> read_expected_run(Settings& settings);

}  // namespace gonogo
