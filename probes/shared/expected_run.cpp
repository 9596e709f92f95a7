#include "probes/shared/expected_run.h"

#include "daemon/formats/settings.h"
#include "daemon/io/zone_files.h"

namespace gonogo {

std::optional<WallTime> ExpectedRun::last_due(WallTime now, Duration allowed) const {
  return cron.last_until(now - std::chrono::ceil<std::chrono::microseconds>(allowed), zone);
}

std::optional<ExpectedRun> read_expected_run(Settings& settings, ZoneOf zone_of) {
  const auto text = settings.text("schedule");
  const TimeZone zone = read_time_zone(settings);
  const Duration grace =
      settings.duration("grace", {.least = Duration::zero()}).value_or(std::chrono::minutes{5});
  if (!text) {
    if (settings.has("zone") && zone_of == ZoneOf::schedule)
      settings.complain_at("zone", "means nothing without `schedule`");
    return std::nullopt;
  }
  std::string problem;
  const auto cron = CronExpression::parse(*text, problem);
  // A schedule that never comes has no run to wait for: one success would be enough for ever.
  if (cron && !cron->next_after(WallTime{}, zone)) {
    settings.complain_at("schedule", "never comes (such as 30 February)");
    return std::nullopt;
  }
  if (cron) return ExpectedRun{*cron, zone, grace};
  settings.complain_at("schedule", problem);
  return std::nullopt;
}

}  // namespace gonogo
