#include "daemon/formats/kept_time.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gonogo {

nlohmann::json kept_time(SteadyTime at, Now now) {
  const WallTime wall =
      now.wall + std::chrono::duration_cast<std::chrono::microseconds>(at - now.steady);
  return {at.time_since_epoch().count(), wall.time_since_epoch().count()};
}

SteadyTime recalled_time(const nlohmann::json& kept, bool same_boot, Now now) {
  const SteadyTime boot{Duration{kept.at(0).get<std::int64_t>()}};
  if (same_boot) return std::min(boot, now.steady);
  const WallTime wall{std::chrono::microseconds{kept.at(1).get<std::int64_t>()}};
  return now.steady - std::max<Duration>(now.wall - wall, Duration::zero());
}

}  // namespace gonogo
