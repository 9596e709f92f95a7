// Asks a Prometheus-compatible server for a query's samples, its alerts, rules and targets.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_promql(Settings& settings, Resources& resources);

}  // namespace gonogo
