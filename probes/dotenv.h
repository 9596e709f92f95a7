// Judges the keys of a file of KEY=value lines. No value is ever shown, hashed or measured.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_dotenv(Settings& settings, Resources& resources);

}  // namespace gonogo
