// The board: all gates and checks as one HTML page. It has no script and reloads itself.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

std::string board_page(const Snapshot& snapshot);

}  // namespace gonogo
