#include "daemon/core/debounce.h"

#include <algorithm>
#include <limits>

namespace gonogo {
namespace {

constexpr char failed_run = 'f';
constexpr char passed_run = 'p';

int one_more(int count) { return count == std::numeric_limits<int>::max() ? count : count + 1; }

}  // namespace

void Debounce::follow(DebounceRule rule) {
  rule_ = rule;
  forget_old();
  if (state_.readiness == Readiness::good && state_.failures_in_a_row > 0) decide_failure(false);
}

void Debounce::feed(Outcome outcome, bool decides_at_once) {
  if (outcome == Outcome::unknown) return;
  if (outcome == Outcome::skipped) {
    state_ = {};
    return;
  }
  remember(outcome == Outcome::fail);
  if (outcome == Outcome::fail) {
    state_.passes_in_a_row = 0;
    state_.failures_in_a_row = one_more(state_.failures_in_a_row);
    if (state_.readiness != Readiness::bad) decide_failure(decides_at_once);
    return;
  }
  state_.failures_in_a_row = 0;
  state_.passes_in_a_row = one_more(state_.passes_in_a_row);
  if (passes_missing() > 0) return;
  state_.readiness = Readiness::good;
  state_.by_window = false;
}

void Debounce::decide_failure(bool decides_at_once) {
  const bool is_clear = decides_at_once || state_.readiness != Readiness::good ||
                        state_.failures_in_a_row >= rule_.fall;
  if (!is_clear && failures_in_window() < rule_.fall) return;
  state_.readiness = Readiness::bad;
  state_.by_window = !is_clear;
}

bool Debounce::is_undecided() const {
  if (state_.readiness == Readiness::good) return state_.failures_in_a_row > 0;
  return state_.passes_in_a_row > 0;
}

int Debounce::passes_wanted() const {
  return state_.readiness == Readiness::good ? 0 : std::max(1, passes_missing());
}

int Debounce::passes_missing() const {
  int wanted = std::max(0, rule_.rise - state_.passes_in_a_row);
  const int too_many = failures_in_window() - rule_.fall + 1;
  if (state_.by_window && too_many > 0) {
    // So many of the oldest failures have to leave the window.
    std::size_t last = 0;
    for (int i = 0; i < too_many; ++i) last = state_.recent.find(failed_run, last) + 1;
    const auto runs_since = static_cast<int>(state_.recent.size() - last);
    wanted = std::max(wanted, rule_.window() - runs_since);
  }
  return wanted;
}

int Debounce::failures_in_window() const {
  return static_cast<int>(std::count(state_.recent.begin(), state_.recent.end(), failed_run));
}

void Debounce::remember(bool failed) {
  // Without a failure there is nothing to remember.
  if (!failed && state_.recent.empty()) return;
  state_.recent += failed ? failed_run : passed_run;
  forget_old();
}

void Debounce::forget_old() {
  std::string& recent = state_.recent;
  const auto window = static_cast<std::size_t>(std::clamp(rule_.window(), 1, most_runs));
  const std::size_t too_old = recent.size() > window ? recent.size() - window : 0;
  recent.erase(0, std::min(recent.find(failed_run, too_old), recent.size()));
}

}  // namespace gonogo
