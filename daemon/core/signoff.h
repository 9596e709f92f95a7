// What people said: sign-offs for manual checks, waivers for failing ones.
#pragma once

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
};

struct Waiver {
  std::string check;
  std::string who;
  std::string why;
  std::optional<std::string> release;  // only for this one
  WallTime from{};
  WallTime until{};
};

}  // namespace gonogo
