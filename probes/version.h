// Whether the running version is the intended one.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_version(Settings& settings, Resources& resources);

// Makes the probe that reads which release is to be deployed.
std::unique_ptr<Probe> make_release(Settings& settings, Resources& resources);

}  // namespace gonogo
