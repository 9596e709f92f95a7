// Calls to be made, in order of their time: what every Clock keeps.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>

#include "daemon/core/time.h"

namespace gonogo {

class TimerQueue {
 public:
  std::uint64_t add(SteadyTime when, std::function<void()> action);
  void remove(std::uint64_t id);
  std::optional<SteadyTime> earliest() const;

  // Takes out the earliest action if it is due at `now`; empty when none is.
  std::function<void()> take_due(SteadyTime now);

 private:
  // The id breaks ties in order of arrival.
  std::map<std::pair<SteadyTime, std::uint64_t>, std::function<void()>> actions_;
  std::unordered_map<std::uint64_t, SteadyTime> times_;
  std::uint64_t last_id_ = 0;
};

}  // namespace gonogo
