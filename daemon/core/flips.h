// What changed a verdict.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/snapshot.h"

namespace gonogo {

// A line for every blocker that is good now and was not, or the other way round, and for the
// calendar.
std::vector<std::string> flipped_by(const Snapshot& before, const Snapshot& after);

}  // namespace gonogo
