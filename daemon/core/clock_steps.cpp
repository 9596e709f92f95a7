#include "daemon/core/clock_steps.h"

#include <utility>

namespace gonogo {
namespace {

Duration offset_of(Now now) { return now.wall.time_since_epoch() - now.steady.time_since_epoch(); }

Duration size_of(Duration step) { return step < Duration::zero() ? -step : step; }

}  // namespace

void ClockSteps::note(Now now) {
  const Duration offset = offset_of(now);
  const Duration before = offset_.value_or(offset);
  offset_ = offset;
  if (size_of(offset - before) <= least_step) return;
  // Of several steps within a minute the clock before all of them is the one to compare with.
  if (!stepped_at_ || now.steady >= *stepped_at_ + doubtful_for) before_ = before;
  stepped_at_ = now.steady;
}

std::optional<WallTime> ClockSteps::former(Now now) const {
  if (!stepped_at_ || now.steady >= *stepped_at_ + doubtful_for) return std::nullopt;
  const Duration step = offset_of(now) - before_;
  if (size_of(step) <= least_step) return std::nullopt;  // it was set back to what it was
  return now.wall - std::chrono::duration_cast<std::chrono::microseconds>(step);
}

std::string ClockSteps::words(Now now) const {
  const auto then = former(now);
  if (!then) return {};
  const Duration step = now.wall - *then;
  return std::string("the wall clock was set ") + (step > Duration::zero() ? "ahead" : "back") +
         " by " + to_words(size_of(step)) + ", " + to_words(now.steady - *stepped_at_) + " ago";
}

Finding in_doubt(Finding seen, const Finding& by_former, const std::string& words) {
  if (by_former.outcome == seen.outcome) return seen;
  seen.summary = words + ", and before that this would have been " +
                 std::string(name_of(by_former.outcome)) + "; now: " + seen.summary;
  seen.outcome = Outcome::unknown;
  seen.reason = Reason::prober;
  return seen;
}

}  // namespace gonogo
