// What the handlers of all routes work with.
#pragma once

#include <memory>
#include <string>

#include "daemon/api/api_doors.h"
#include "daemon/core/clock.h"

namespace gonogo {

class BlockingPool;
class DecisionDesk;
class Store;

// A document that was made from a snapshot. It is served from memory until there is a newer one.
struct Rendered {
  std::shared_ptr<const Snapshot> of;
  std::shared_ptr<const std::string> body;
};

template <typename Render>
std::shared_ptr<const std::string> rendered(Rendered& cache,
                                            const std::shared_ptr<const Snapshot>& snapshot,
                                            Render render) {
  if (cache.of != snapshot) {
    cache.body = std::make_shared<const std::string>(render(*snapshot));
    cache.of = snapshot;
  }
  return cache.body;
}

struct RenderedDocuments {
  Rendered verdict_json;
  Rendered verdict_text;
  Rendered verdict_health;
  Rendered snapshot_json;
  Rendered metrics_text;
  Rendered metrics_gzip;
  SteadyTime metrics_at{};
};

struct ApiContext {
  ApiDoors doors;
  BlockingPool& pool;
  DecisionDesk& desk;
  Store* store = nullptr;
  std::string list_path;  // the checklist of /report.md; empty when none is configured
  RenderedDocuments documents;
};

}  // namespace gonogo
