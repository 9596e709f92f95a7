// An entry of a crontab or a systemd timer: that it is there, and how often it runs.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_cron(Settings& settings, Resources& resources);

}  // namespace gonogo
