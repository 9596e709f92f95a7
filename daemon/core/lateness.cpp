#include "daemon/core/lateness.h"

#include <algorithm>

namespace gonogo {
namespace {

constexpr Duration window_length = std::chrono::seconds{10};

std::int64_t window_of(SteadyTime now) { return now.time_since_epoch() / window_length; }

}  // namespace

void Lateness::add(Duration late, SteadyTime now) {
  if (late >= notable) held_up_ = {now, late};
  late = std::max(late, Duration::zero());
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    if (in_seconds(late) <= bounds.at(i)) ++counts_.at(i);
  }
  ++counts_.back();
  sum_ += late;
  const std::int64_t window = window_of(now);
  if (window != window_) {
    worst_[1] = window == window_ + 1 ? worst_[0] : Duration::zero();
    worst_[0] = Duration::zero();
    window_ = window;
  }
  worst_[0] = std::max(worst_[0], late);
}

Duration Lateness::worst_recently(SteadyTime now) const {
  const std::int64_t age = window_of(now) - window_;
  if (age > 1) return Duration::zero();
  return age == 1 ? worst_[0] : std::max(worst_[0], worst_[1]);
}

}  // namespace gonogo
