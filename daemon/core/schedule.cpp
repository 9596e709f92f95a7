#include "daemon/core/schedule.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace gonogo {

double phase_of(std::string_view name) {
  // FNV-1a (64 bit) and a final mix: names that differ in one digit land far apart.
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : name) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 1099511628211ULL;
  }
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  return static_cast<double>(hash >> 11) / 9007199254740992.0;  // 2^53
}

SteadyTime next_start(const Schedule& schedule, SteadyTime epoch, SteadyTime now) {
  assert(schedule.interval > Duration::zero());
  const Duration offset{
      std::llround(schedule.phase * static_cast<double>(schedule.interval.count()))};
  const Duration since = now - (epoch + offset);
  // Rounds towards minus infinity, so that a tick before the first one is right too.
  auto ticks = since / schedule.interval;
  if (since < Duration::zero() && since % schedule.interval != Duration::zero()) --ticks;
  return epoch + offset + (ticks + 1) * schedule.interval;
}

SteadyTime first_start(const Schedule& schedule, std::size_t count, SteadyTime now) {
  using namespace std::chrono_literals;
  const Duration spread = std::min<Duration>(schedule.interval, count * Duration{1ms});
  return now + Duration{std::llround(schedule.phase * static_cast<double>(spread.count()))};
}

}  // namespace gonogo
