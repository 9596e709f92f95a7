// Counts matching lines of a log file, since the last run or within a window.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_log(Settings& settings, Resources& resources);

}  // namespace gonogo
