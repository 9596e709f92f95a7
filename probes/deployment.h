// How the last deploy went that was begun with this daemon.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_deployment(Settings& settings, Resources& resources);

}  // namespace gonogo
