// Reads the time that a job wrote into a file when it last succeeded.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_marker(Settings& settings, Resources& resources);

}  // namespace gonogo
