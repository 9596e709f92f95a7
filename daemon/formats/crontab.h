// Crontabs as the cron that reads them does: Debian's cron or cronie (crontab(5), cron(8)).
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/formats/cron_fields.h"

namespace gonogo {

struct CrontabEntry {
  int line = 0;
  std::string user;
  std::string command;   // as the shell gets it: up to the first % that counts
  std::string schedule;  // as written
  CronFields fields;
  std::string shell;  // SHELL above it, or /bin/sh
  std::string zone;   // CRON_TZ above it, for cronie; empty means the host's
};

// What cron ignores, and why.
struct CrontabProblem {
  int line = 0;
  std::string text;
};

struct Crontab {
  std::vector<CrontabEntry> entries;
  std::map<std::string, int> variables;  // the line that first sets each
  // Debian's cron ignores the whole file at the first problem: there are no entries then. Cronie
  // ignores the lines, unless `ignores_file`.
  std::vector<CrontabProblem> problems;
  bool ignores_file = false;
};

struct CrontabReading {
  CronFlavour flavour = CronFlavour::debian;
  // The owner of a crontab of a user. It is empty for /etc/crontab and /etc/cron.d, whose entries
  // name their users.
  std::string owner;
  std::function<bool(const std::string&)> is_user;  // whether the host has a user of this name
};

Crontab parse_crontab(std::string_view text, const CrontabReading& reading);

}  // namespace gonogo
