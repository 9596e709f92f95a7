#include "daemon/formats/time_zone.h"

#include <date/tz.h>

#include <stdexcept>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"

namespace gonogo {

std::optional<TimeZone> TimeZone::find(const std::string& name) {
  try {
    return TimeZone(date::locate_zone(name));
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

TimeZone TimeZone::local() {
  try {
    return TimeZone(date::current_zone());
  } catch (const std::runtime_error&) {
    return TimeZone(date::locate_zone("UTC"));
  }
}

const std::string& TimeZone::name() const { return zone_->name(); }

LocalMinutes TimeZone::to_local(WallTime time) const {
  const auto local = zone_->to_local(std::chrono::floor<std::chrono::seconds>(time));
  return std::chrono::floor<std::chrono::minutes>(local.time_since_epoch());
}

WallTime TimeZone::to_wall(LocalMinutes local) const {
  const date::local_time<std::chrono::seconds> time{local};
  return zone_->to_sys(time, date::choose::earliest);
}

ZoneClocks TimeZone::clocks() const {
  return {name(), [zone = *this](WallTime time) { return zone.to_local(time); },
          [zone = *this](LocalMinutes local) { return zone.to_wall(local); }};
}

TimeZone read_time_zone(Settings& settings) {
  const auto name = settings.text("zone");
  if (!name) return TimeZone::local();
  const auto zone = TimeZone::find(*name);
  if (!zone)
    settings.complain_at("zone",
                         in_quotes(*name) + " is no time zone (such as Europe/Berlin, UTC)");
  return zone.value_or(TimeZone::local());
}

}  // namespace gonogo
