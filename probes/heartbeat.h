// Whether a job still runs: by rows of a PostgreSQL table, or by its pushes to /ping.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_heartbeat(Settings& settings, Resources& resources);

}  // namespace gonogo
