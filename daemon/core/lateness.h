// How late runs begin: the scheduler's own health.
#pragma once

#include <array>
#include <cstdint>

#include "daemon/core/time.h"

namespace gonogo {

class Lateness {
 public:
  static constexpr std::array<double, 9> bounds{0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5};

  void add(Duration late, SteadyTime now);

  // The last run that began notably late: the loop was held up until then.
  struct HeldUp {
    SteadyTime at{};
    Duration late{};
  };
  static constexpr Duration notable = std::chrono::milliseconds{500};
  const HeldUp& held_up() const { return held_up_; }

  // The latest beginning within the last 10 to 20 seconds before `now`.
  Duration worst_recently(SteadyTime now) const;

  // A Prometheus histogram: counts of what was at most the bound of the same index, then of all.
  const std::array<std::uint64_t, bounds.size() + 1>& cumulative() const { return counts_; }
  double sum_seconds() const { return in_seconds(sum_); }

 private:
  std::array<std::uint64_t, bounds.size() + 1> counts_{};
  Duration sum_{};
  HeldUp held_up_;
  // Two windows in turn: the one that fills and the one before it.
  std::array<Duration, 2> worst_{};
  std::int64_t window_ = 0;
};

}  // namespace gonogo
