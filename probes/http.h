// Sends one HTTP request and judges the answer.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_http(Settings& settings, Resources& resources);

}  // namespace gonogo
