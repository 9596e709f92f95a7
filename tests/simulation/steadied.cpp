#include "tests/simulation/steadied.h"

#include <algorithm>

namespace gonogo::simulation {
namespace {

std::int64_t window_of(const CheckSpec& spec) {
  return spec.of > 0 ? spec.of : 2 * spec.failures - 1;
}

}  // namespace

std::int64_t Known::failures_among_the_last() const {
  return std::count(recent.begin(), recent.end(), true);
}

bool Known::is_enough_to_fail(const CheckSpec& spec) const {
  if (failures >= spec.failures) return true;
  return failures_among_the_last() >= spec.failures;
}

void Known::follow(const CheckSpec& spec) {
  if (spec.flaps == 0) {
    flips.clear();
    held_until.reset();
  } else if (held_until && !flips.empty()) {
    held_until = std::min<SteadyTime>(*held_until, flips.back() + std::chrono::seconds{spec.calm});
  }
  forget_old(spec);
  // Failures that were too few may be enough now.
  if (ruling != Ruling::good || failures == 0 || !is_enough_to_fail(spec)) return;
  ruling = Ruling::bad;
  by_share = failures < spec.failures;
  former = Former{*evidence, last->ended};
  failing_since.reset();
  evidence = failed = last;
}

void Known::forget_old(const CheckSpec& spec) {
  while (recent.size() > static_cast<std::size_t>(window_of(spec))) recent.pop_front();
}

bool Known::is_stale(const CheckSpec& spec, SteadyTime now) const {
  return last && (is_over || now - last->began > std::chrono::seconds{spec.stale_after()});
}

void Known::flip(const Seen& seen, const CheckSpec& spec) {
  if (spec.flaps == 0) return;
  const Duration calm = std::chrono::seconds{spec.calm};
  flips.push_back(seen.ended);
  std::erase_if(flips, [&](SteadyTime time) { return time <= seen.ended - calm; });
  const bool is_held = held_until && seen.ended < *held_until;
  if (is_held || flips.size() > static_cast<std::size_t>(spec.flaps))
    held_until = seen.ended + calm;
}

void Known::rule(const Seen& seen, const CheckSpec& spec, bool is_old) {
  if (seen.failed) {
    const bool in_a_row = seen.decides_alone || is_old || failures >= spec.failures;
    if (ruling == Ruling::none) ruling = Ruling::bad;
    if (ruling == Ruling::good && (in_a_row || is_enough_to_fail(spec))) {
      ruling = Ruling::bad;
      by_share = !in_a_row;
    }
    return;
  }
  if (ruling == Ruling::good || passes < spec.successes) return;
  if (by_share && failures_among_the_last() >= spec.failures) return;
  ruling = Ruling::good;
  by_share = false;
}

void Known::take(const Seen& seen, const CheckSpec& spec) {
  const Ruling before = ruling;
  const bool is_another = last && !skipped && last->failed != seen.failed;
  const bool is_old = is_stale(spec, seen.ended);
  is_over = skipped = false;
  recent.push_back(seen.failed);
  forget_old(spec);
  failures = seen.failed ? failures + 1 : 0;
  passes = seen.failed ? 0 : passes + 1;
  rule(seen, spec, is_old);
  if (is_another) flip(seen, spec);
  if (!seen.failed || ruling == Ruling::bad) failing_since.reset();
  if (ruling == Ruling::good) {
    former.reset();
    if (seen.failed && !failing_since) failing_since = seen.ended;
  } else if (ruling == Ruling::bad && before == Ruling::good) {
    former = Former{*evidence, seen.ended};
  }
  last = seen;
  if (seen.failed && ruling == Ruling::bad) failed = seen;
  const bool agrees = ruling == (seen.failed ? Ruling::bad : Ruling::good);
  if (agrees || !evidence) evidence = seen;
}

void Known::skip(const Seen& seen) {
  ruling = Ruling::none;
  passes = failures = 0;
  recent.clear();
  by_share = false;
  failing_since.reset();
  former.reset();
  is_over = false;
  skipped = true;
  last = evidence = seen;
}

}  // namespace gonogo::simulation
