// What people decided: sign-offs for manual checks, waivers for failing ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

struct Signoff {
  std::string check;
  std::string who;
  std::string role;
  std::string note;
  std::string release;  // the one in force when it was given
  WallTime at{};
  std::optional<WallTime> ended{};  // stays set, even if the wall clock is set back
  std::int64_t id = 0;              // of its entry in the audit
  // By the rule under which it was given. What that rule ends stays ended under any other.
  bool is_for_release = false;
  std::optional<WallTime> until{};
};

// One person has one sign-off in a role for a check: a newer one replaces the former, whatever its
// release is.
inline bool is_by_the_same(const Signoff& one, const Signoff& other) {
  return one.check == other.check && one.role == other.role && one.who == other.who;
}

// Adds it in place of the former one by the same person. One that was written down before another
// that is there already adds nothing: two that were given at once may arrive in another order.
inline void put_signoff(std::vector<Signoff>& signoffs, Signoff signoff) {
  for (const Signoff& other : signoffs) {
    if (is_by_the_same(other, signoff) && other.id > signoff.id) return;
  }
  std::erase_if(signoffs, [&](const Signoff& old) { return is_by_the_same(old, signoff); });
  signoffs.push_back(std::move(signoff));
}

inline WallTime end_of(const Signoff& signoff, Duration valid_for) {
  return signoff.at + std::chrono::duration_cast<std::chrono::microseconds>(valid_for);
}

// What a rule for sign-offs says of their end.
struct SignoffEnd {
  std::optional<Duration> valid_for;
  bool per_release = false;

  bool operator==(const SignoffEnd&) const = default;
};

// When it ends by itself: by its own rule or by the one in force, whichever is first.
inline std::optional<WallTime> end_of(const Signoff& signoff, const SignoffEnd& rule) {
  if (!rule.valid_for) return signoff.until;
  const WallTime end = end_of(signoff, *rule.valid_for);
  return signoff.until ? std::min(*signoff.until, end) : end;
}

// Whether it was given for another release than the one in force, and may not count for it.
inline bool is_for_another(const Signoff& signoff, const SignoffEnd& rule,
                           const std::string& release) {
  const bool is_bound = signoff.is_for_release || rule.per_release;
  return is_bound && (release.empty() || signoff.release != release);
}

struct Waiver {
  std::string check;
  std::string who;
  std::string why;
  std::optional<std::string> release;  // only for this one
  WallTime from{};
  WallTime until{};
  bool is_over = false;  // stays set, even if the wall clock is set back
  std::int64_t id = 0;   // of its entry in the audit
};

}  // namespace gonogo
