// Everything a snapshot holds, for programs.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

std::string snapshot_json(const Snapshot& snapshot);

}  // namespace gonogo
