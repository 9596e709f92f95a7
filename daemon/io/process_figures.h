// Figures of this process, from /proc.
#pragma once

#include <cstddef>
#include <utility>

#include "daemon/core/daemon_figures.h"

namespace gonogo {

// Fills in the process part; a figure that /proc does not have stays 0.
void measure_process(DaemonFigures& figures);

// The number of open descriptors, and their limit.
std::pair<std::size_t, std::size_t> count_descriptors();

}  // namespace gonogo
