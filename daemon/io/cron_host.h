// The cron of this host: which one it is, whether it runs, and which files it refuses. Every
// function blocks: call it on the pool.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/time.h"
#include "daemon/formats/cron_fields.h"

namespace gonogo {

// By the program that is installed; Debian's where there is none.
CronFlavour installed_cron();

// Whether a cron runs: its process, or its unit where other processes are hidden from this daemon.
// Nothing when neither can be seen.
std::optional<bool> is_cron_running(Duration timeout);

bool is_user_of_host(const std::string& name);

// The user whose table a file of cron's spool folder is; empty for /etc/crontab and /etc/cron.d,
// wherever a copy of them is kept.
std::string owner_of_crontab(const std::string& path);

// Why cron reads nothing of the file: its name, owner, mode or links. Empty when it reads it.
std::string refusal_of_crontab(const std::string& path, CronFlavour flavour);

}  // namespace gonogo
