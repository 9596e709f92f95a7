// Remembers for a minute that the wall clock was set.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "daemon/core/observation.h"
#include "daemon/core/time.h"

namespace gonogo {

class ClockSteps {
 public:
  // A clock that moves by less against the boot clock is slewed, not set.
  static constexpr Duration least_step = std::chrono::seconds{1};
  // After a step it is in doubt for so long whether the clock is right now or was right before.
  static constexpr Duration doubtful_for = std::chrono::minutes{1};

  // Each time the clocks are read.
  void note(Now now);

  // What the wall clock would show if it had not been set; nothing when it was not set of late.
  std::optional<WallTime> former(Now now) const;
  // Such as "the wall clock was set ahead by 3h, 20s ago"; empty when it was not set of late.
  std::string words(Now now) const;

 private:
  std::optional<Duration> offset_;  // wall against boot, as it was noted last
  Duration before_{};               // the offset from before the first step of the last minute
  std::optional<SteadyTime> stepped_at_;
};

// The wall clock as one judgement uses it.
struct WallReading {
  WallTime now{};
  std::optional<WallTime> former;  // what it would show if it had not been set of late
  std::string words;               // how it was set
};

// `seen`, a finding by a wall clock that was set: unknown where the former clock, by which the
// finding is `by_former`, would have decided otherwise.
Finding in_doubt(Finding seen, const Finding& by_former, const std::string& words);

// What `judge(WallTime)` finds.
template <typename Judge>
Finding judged_by(const WallReading& clock, Judge judge) {
  Finding seen = judge(clock.now);
  if (!clock.former) return seen;
  return in_doubt(std::move(seen), judge(*clock.former), clock.words);
}

}  // namespace gonogo
