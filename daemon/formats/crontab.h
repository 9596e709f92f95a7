// Crontabs as Debian's cron reads them (crontab(5), cron(8)).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/cron_expression.h"

namespace gonogo {

struct CrontabEntry {
  std::string file;
  int line = 0;
  std::string user;
  std::string command;
  std::string schedule;                // as written
  std::optional<CronExpression> cron;  // nothing for @reboot
  std::string zone;                    // CRON_TZ above it; empty: the host's
};

struct Crontab {
  std::vector<CrontabEntry> entries;
  // "line 3: ...": cron then ignores the whole file, and so does this: no entries.
  std::string problem;
};

// `user`: whose crontab it is; empty for /etc/crontab and /etc/cron.d, whose entries name theirs.
Crontab parse_crontab(const std::string& file, std::string_view text, const std::string& user);

}  // namespace gonogo
