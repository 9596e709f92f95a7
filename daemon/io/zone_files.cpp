#include "daemon/io/zone_files.h"

#include <date/tz.h>

#include <stdexcept>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"

namespace gonogo {
namespace {

// The database lives as long as the process.
TimeZone clocks_of(const date::time_zone* zone) {
  const auto to_local = [zone](WallTime time) -> LocalMinutes {
    const auto local = zone->to_local(std::chrono::floor<std::chrono::seconds>(time));
    return std::chrono::floor<std::chrono::minutes>(local.time_since_epoch());
  };
  const auto to_wall = [zone](LocalMinutes local) -> WallTime {
    const date::local_time<std::chrono::seconds> time{local};
    return zone->to_sys(time, date::choose::earliest);
  };
  return {zone->name(), to_local, to_wall};
}

}  // namespace

std::optional<TimeZone> find_time_zone(const std::string& name) {
  try {
    return clocks_of(date::locate_zone(name));
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

TimeZone local_time_zone() {
  try {
    return clocks_of(date::current_zone());
  } catch (const std::runtime_error&) {
    return clocks_of(date::locate_zone("UTC"));
  }
}

TimeZone read_time_zone(Settings& settings) {
  const auto name = settings.text("zone");
  if (!name) return local_time_zone();
  const auto zone = find_time_zone(*name);
  if (!zone)
    settings.complain_at("zone",
                         in_quotes(*name) + " is no time zone (such as Europe/Berlin, UTC)");
  return zone.value_or(local_time_zone());
}

}  // namespace gonogo
