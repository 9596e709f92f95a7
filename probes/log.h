// Lines of a log file: how many of a sort came since it was looked at last, or within a window.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_log(Settings& settings, Resources& resources);

}  // namespace gonogo
