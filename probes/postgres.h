// Checks a PostgreSQL server: version, role, query results, migrations, connections, replication.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

std::unique_ptr<Probe> make_postgres(Settings& settings, Resources& resources);

}  // namespace gonogo
