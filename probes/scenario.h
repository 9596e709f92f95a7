// Sends several HTTP requests in a row; texts captured from earlier answers fill later requests.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_scenario(Settings& settings, Resources& resources);

}  // namespace gonogo
