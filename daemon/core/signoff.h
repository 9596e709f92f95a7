// What people decided: sign-offs for manual checks, waivers for failing ones.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

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
