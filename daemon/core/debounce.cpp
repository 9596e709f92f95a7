#include "daemon/core/debounce.h"

#include <algorithm>
#include <limits>

namespace gonogo {
namespace {

int one_more(int count) { return count == std::numeric_limits<int>::max() ? count : count + 1; }

}  // namespace

void Debounce::feed(Outcome outcome, bool decides_at_once) {
  if (outcome == Outcome::unknown) return;
  if (outcome == Outcome::skipped) {
    state_ = {};
    return;
  }
  if (outcome == Outcome::fail) {
    state_.passes_in_a_row = 0;
    state_.failures_in_a_row = one_more(state_.failures_in_a_row);
    const bool decided = decides_at_once || state_.readiness != Readiness::good ||
                         state_.failures_in_a_row >= rule_.fall;
    if (decided) state_.readiness = Readiness::bad;
    return;
  }
  state_.failures_in_a_row = 0;
  state_.passes_in_a_row = one_more(state_.passes_in_a_row);
  if (state_.passes_in_a_row >= rule_.rise) state_.readiness = Readiness::good;
}

bool Debounce::is_undecided() const {
  if (state_.readiness == Readiness::good) return state_.failures_in_a_row > 0;
  return state_.passes_in_a_row > 0;
}

int Debounce::passes_wanted() const {
  if (state_.readiness == Readiness::good) return 0;
  return std::max(1, rule_.rise - state_.passes_in_a_row);
}

}  // namespace gonogo
