// Whether a crontab or a systemd timer runs a command, and how often.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_cron(Settings& settings, Resources& resources);

}  // namespace gonogo
