// What every answer of the listener carries, and how many requests it takes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

struct ServerRules {
  // Names and values of header fields. An answer that has the field already keeps its own, but of
  // Content-Security-Policy both are sent: browsers obey all of them.
  std::vector<std::pair<std::string, std::string>> headers;
  // One request in each interval, and so many at once. No interval: as many as come.
  Duration interval{};
  std::int64_t burst = 0;

  friend bool operator==(const ServerRules&, const ServerRules&) = default;
};

// A token bucket: it is full at the beginning, and gains one token in each interval.
class RateLimit {
 public:
  RateLimit(Duration interval, std::int64_t burst) : interval_(interval), burst_(burst) {}

  // Takes a token; false when there is none.
  bool admits(SteadyTime now);
  // Until there is a token again.
  Duration wait() const;

 private:
  Duration interval_;
  std::int64_t burst_;
  double tokens_ = static_cast<double>(burst_);
  SteadyTime at_{};
  bool has_begun_ = false;
};

}  // namespace gonogo
