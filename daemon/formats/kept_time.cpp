#include "daemon/formats/kept_time.h"

#include <algorithm>
#include <climits>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace gonogo {

namespace {

using nlohmann::json;
using namespace std::chrono;

constexpr Duration longest_span = hours{24 * 36'525};
constexpr WallTime first_wall_time{};
constexpr WallTime last_wall_time{sys_days{year{2255} / 12 / 31}};

std::int64_t whole_number(const json& kept) {
  if (!kept.is_number_integer()) throw json::type_error::create(302, "no whole number", &kept);
  // Beyond all bounds, and not negative as it would be as the other type.
  if (kept.is_number_unsigned() && kept.get<std::uint64_t>() > INT64_MAX) return INT64_MAX;
  return kept.get<std::int64_t>();
}

}  // namespace

int kept_count(const json& kept) {
  return static_cast<int>(std::clamp<std::int64_t>(whole_number(kept), INT_MIN, INT_MAX));
}

Duration kept_span(const json& kept) {
  return std::clamp(Duration{whole_number(kept)}, -longest_span, longest_span);
}

SteadyTime kept_boot_time(const json& kept) { return SteadyTime{kept_span(kept)}; }

WallTime kept_wall_time(const json& kept) {
  return std::clamp(WallTime{microseconds{whole_number(kept)}}, first_wall_time, last_wall_time);
}

nlohmann::json kept_time(SteadyTime at, Now now) {
  const WallTime wall =
      now.wall + std::chrono::duration_cast<std::chrono::microseconds>(at - now.steady);
  return {at.time_since_epoch().count(), wall.time_since_epoch().count()};
}

SteadyTime recalled_time(const nlohmann::json& kept, bool same_boot, Now now) {
  const SteadyTime boot = kept_boot_time(kept.at(0));
  if (same_boot) return std::min(boot, now.steady);
  const WallTime wall = kept_wall_time(kept.at(1));
  return now.steady - std::max<Duration>(now.wall - wall, Duration::zero());
}

}  // namespace gonogo
