// What a row of outcomes makes of a check, in the clerk's own words.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "daemon/core/time.h"
#include "tests/simulation/plan.h"

namespace gonogo::simulation {

// One run, as the clerk knows it.
struct Seen {
  bool failed = false;
  bool decides_alone = false;  // a failure that no second run can see
  SteadyTime began{};
  SteadyTime ended{};
  WallTime wall{};  // when it began
};

// What is known of a check by its runs.
struct Known {
  enum class Ruling { none, good, bad };

  std::optional<Seen> last;      // the last that was decisive
  std::optional<Seen> evidence;  // the last that agrees with the ruling
  std::optional<Seen> failed;    // the last failure by which it was bad
  bool is_over = false;          // the last one was too old once
  bool skipped = false;          // the last one said that the check does not apply
  Ruling ruling = Ruling::none;
  std::int64_t passes = 0;    // in a row
  std::int64_t failures = 0;  // in a row
  std::deque<bool> recent;    // whether it failed, of the last runs that count
  bool by_share = false;      // it is bad by failures that were not in a row
  std::vector<SteadyTime> flips;
  std::optional<SteadyTime> held_until;
  std::optional<SteadyTime> failing_since;  // while it is good
  struct Former {
    Seen evidence;
    SteadyTime until{};
  };
  std::optional<Former> former;  // what it was before it became bad

  void take(const Seen& seen, const CheckSpec& spec);
  void skip(const Seen& seen);
  // The rule is another one from now on.
  void follow(const CheckSpec& spec);
  bool is_stale(const CheckSpec& spec, SteadyTime now) const;
  // More runs, soon, would decide.
  bool is_undecided() const { return ruling == Ruling::good ? failures > 0 : passes > 0; }

 private:
  void forget_old(const CheckSpec& spec);
  std::int64_t failures_among_the_last() const;
  bool is_enough_to_fail(const CheckSpec& spec) const;
  void rule(const Seen& seen, const CheckSpec& spec, bool is_old);
  void flip(const Seen& seen, const CheckSpec& spec);
};

}  // namespace gonogo::simulation
