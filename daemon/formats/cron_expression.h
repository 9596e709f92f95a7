// When a job of a crontab runs: five fields or a macro, as crontab(5) of Debian's cron has them.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/time_zone.h"
#include "daemon/formats/cron_fields.h"

namespace gonogo {

class CronExpression {
 public:
  // As a line of a crontab has it. A reversed range ("22-4") is empty for Debian's cron, and so may
  // the whole be: it never comes.
  explicit CronExpression(const CronFields& fields);

  // "15 2 * * mon-fri", "*/5 * * * *", "@daily". Lists, ranges, steps and names; 0 and 7 are
  // Sunday. When both days are restricted, either is enough. Nothing, and why in `problem`, for
  // anything else (also for "@reboot", which is no time).
  static std::optional<CronExpression> parse(std::string_view text, std::string& problem);

  // The first run after `time`, and the last run at or before it; nothing when there is none within
  // nine years ("30 2 30 2 *"). When clocks change, a job at a fixed time that they skip runs at
  // the change, and a job at a time that they show twice runs once. A job with * in its hours or
  // minutes runs by what the clocks show (cron(8)).
  std::optional<WallTime> next_after(WallTime time, const TimeZone& zone) const;
  std::optional<WallTime> last_until(WallTime time, const TimeZone& zone) const;

  // The shortest and the longest time between two runs within the year from `time` on. Takes some
  // milliseconds for an expression that runs every minute.
  struct Cadence {
    Duration shortest{};
    Duration longest{};
  };
  std::optional<Cadence> cadence(WallTime time, const TimeZone& zone) const;

 private:
  CronExpression() = default;
  bool is_day(LocalMinutes midnight) const;
  std::vector<WallTime> runs_on(LocalMinutes midnight, const TimeZone& zone) const;

  std::bitset<60> minutes_;
  std::bitset<24> hours_;
  std::bitset<32> days_;    // of the month, from 1
  std::bitset<13> months_;  // from 1
  std::bitset<7> weekdays_;
  bool any_day_ = false;
  bool any_weekday_ = false;
  bool by_what_clocks_show_ = false;
};

}  // namespace gonogo
