// A Docker Engine and the services of a compose project on it.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_docker(Settings& settings, Resources& resources);

}  // namespace gonogo
