#include "daemon/http/server_rules.h"

#include <algorithm>

namespace gonogo {

bool RateLimit::admits(SteadyTime now) {
  if (interval_ <= Duration::zero()) return true;
  if (has_begun_ && now > at_)
    tokens_ = std::min(static_cast<double>(burst_),
                       tokens_ + in_seconds(now - at_) / in_seconds(interval_));
  has_begun_ = true;
  at_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Duration RateLimit::wait() const {
  const double share = std::clamp(1 - tokens_, 0.0, 1.0);
  return std::chrono::duration_cast<Duration>(interval_ * share);
}

}  // namespace gonogo
