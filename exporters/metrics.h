// A snapshot as Prometheus metrics (text format 0.0.4), by prometheus-cpp's serializer.
#pragma once

#include <string>

#include "daemon/core/daemon_figures.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// Nothing is kept between two scrapes, so no gauge can drift from the truth. Label values are ids,
// kinds and codes of the configuration; text that a target sends never becomes a label.
std::string metrics_text(const Snapshot& snapshot, const DaemonFigures& figures);

}  // namespace gonogo
