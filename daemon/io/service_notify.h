// What systemd is told of this daemon (sd_notify(3)); nothing when it did not start it.
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

// How often systemd wants to hear from us; nothing when it does not.
std::optional<Duration> watchdog_interval();

}  // namespace gonogo
