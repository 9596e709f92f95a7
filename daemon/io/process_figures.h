// This process as the kernel sees it.
#pragma once

#include <cstddef>
#include <utility>

#include "daemon/core/daemon_figures.h"

namespace gonogo {

// Fills in the process part; what /proc does not tell stays 0.
void measure_process(DaemonFigures& figures);

// Open descriptors and their limit.
std::pair<std::size_t, std::size_t> count_descriptors();

}  // namespace gonogo
