// Connects, with or without TLS, and holds a dialogue, such as with Redis, SMTP or SSH.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_tcp(Settings& settings, Resources& resources);

}  // namespace gonogo
