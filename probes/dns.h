// Asks name servers and judges what they answer.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_dns(Settings& settings, Resources& resources);

}  // namespace gonogo
