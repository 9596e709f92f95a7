// The board: the poll of all gates as one HTML page. No script; it renews itself.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

std::string board_page(const Snapshot& snapshot);

}  // namespace gonogo
