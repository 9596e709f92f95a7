// Time zones of the system's database (tzdata). The library itself reads the files of the database
// when a zone is first used; therefore this is in io and not a format.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/time_zone.h"

namespace gonogo {

class Settings;

// "Europe/Berlin", "UTC"; nothing when the database has no such zone. The first
// call for a zone blocks while it is loaded.
std::optional<TimeZone> find_time_zone(const std::string& name);

// The host's own; UTC when the host names none.
TimeZone local_time_zone();

// Reads `zone`; the host's own without it. Problems go to `settings`.
TimeZone read_time_zone(Settings& settings);

}  // namespace gonogo
