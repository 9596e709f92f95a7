// Sends ICMP echoes: does a host answer, how fast, and how many answers are lost?
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_ping(Settings& settings, Resources& resources);

}  // namespace gonogo
