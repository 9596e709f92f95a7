// A PostgreSQL server: what it is, what a query says, and whether its migrations are applied.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_postgres(Settings& settings, Resources& resources);

}  // namespace gonogo
