// How the last deploy that this daemon was told of went.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_deployment(Settings& settings, Resources& resources);

}  // namespace gonogo
