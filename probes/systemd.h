// Units and timers of this host's systemd.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_systemd(Settings& settings, Resources& resources);

}  // namespace gonogo
