// Checks this daemon itself: does it run its checks on time, has it threads and descriptors left?
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_prober(Settings& settings, Resources& resources);

}  // namespace gonogo
