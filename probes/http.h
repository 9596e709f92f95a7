// One HTTP request, judged by its answer.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_http(Settings& settings, Resources& resources);

}  // namespace gonogo
