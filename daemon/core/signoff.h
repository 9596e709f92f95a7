// What people decided: sign-offs for manual checks, waivers for failing ones.
#pragma once

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
