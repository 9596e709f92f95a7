// A time zone of the system's database (tzdata).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/calendar.h"
#include "daemon/core/time.h"

namespace date {
class time_zone;
}

namespace gonogo {

class Settings;

class TimeZone {
 public:
  // "Europe/Berlin", "UTC"; nothing when the database has no such zone. Blocks at first: for
  // loading.
  static std::optional<TimeZone> find(const std::string& name);
  // The host's own; UTC when it says none.
  static TimeZone local();

  const std::string& name() const;
  LocalMinutes to_local(WallTime time) const;
  // A time that the clocks skip is the moment of the change; of one they show twice, the first.
  WallTime to_wall(LocalMinutes local) const;
  ZoneClocks clocks() const;

 private:
  explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}
  const date::time_zone* zone_;
};

// Reads `zone`; the host's own without it. Problems go to `settings`.
TimeZone read_time_zone(Settings& settings);

}  // namespace gonogo
