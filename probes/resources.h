// What the daemon lends to its probes. All of it outlives every probe.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "daemon/core/deployment.h"
#include "daemon/core/heartbeat_pushes.h"
#include "daemon/io/io.h"

namespace gonogo {

// How this daemon itself fares.
struct ProberHealth {
  Duration lateness{};            // how late the latest runs began at most
  std::size_t workers_stuck = 0;  // of the blocking pool
  std::size_t descriptors_open = 0;
  std::size_t descriptors_most = 0;
  std::string store_problem;  // empty when results are saved
  // Somebody had changed the store beside its audit when this daemon opened it.
  bool store_was_changed = false;
};

struct Resources : Io {
  HeartbeatPushes& pushes;
  std::function<ProberHealth()> health;

  // The release that is to be deployed; empty when it is not known. And the last deploy that began.
  std::function<std::string()> release = [] { return std::string(); };
  std::function<std::optional<Deployment>()> deployment = [] { return std::nullopt; };
};

}  // namespace gonogo
