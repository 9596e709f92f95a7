// Reports the state of this daemon to systemd (sd_notify(3)). Does nothing when systemd did not
// start it.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/time.h"

namespace gonogo {

void notify_ready(const std::string& status);
void notify_reloading();
void notify_stopping();
void notify_status(const std::string& status);
void notify_watchdog();

// How often systemd expects notify_watchdog(); nothing when it does not.
std::optional<Duration> watchdog_interval();

}  // namespace gonogo
