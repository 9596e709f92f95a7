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
  std::string zone;                    // CRON_TZ above it; empty means the host's
};

struct Crontab {
  std::vector<CrontabEntry> entries;
  // "line 3: ...". Cron ignores a file with such a line as a whole: there are no entries then.
  std::string problem;
};

// `user` owns the crontab. It is empty for /etc/crontab and /etc/cron.d, whose entries name their
// users.
Crontab parse_crontab(const std::string& file, std::string_view text, const std::string& user);

}  // namespace gonogo
