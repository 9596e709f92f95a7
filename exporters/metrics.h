// A snapshot as Prometheus metrics (text format 0.0.4).
#pragma once

#include <prometheus/collectable.h>

#include <functional>
#include <memory>
#include <string>

#include "daemon/core/daemon_figures.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// Nothing is kept between two scrapes, so no gauge can drift from the truth. Label values are ids,
// kinds and codes of the configuration: what targets send never makes a series.
class Metrics : public prometheus::Collectable {
 public:
  Metrics(std::shared_ptr<const Snapshot> snapshot, DaemonFigures figures);
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  DaemonFigures figures_;
};

std::string metrics_text(std::shared_ptr<const Snapshot> snapshot, DaemonFigures figures);

}  // namespace gonogo
