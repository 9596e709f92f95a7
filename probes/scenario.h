// Several HTTP requests in a row, each with what the earlier ones captured.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_scenario(Settings& settings, Resources& resources);

}  // namespace gonogo
