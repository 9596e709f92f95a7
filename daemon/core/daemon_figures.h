// What the daemon says of itself beside the verdict.
#pragma once

#include <array>
#include <string>

#include "daemon/core/deployment.h"
#include "daemon/core/lateness.h"
#include "daemon/core/time.h"

namespace gonogo {

struct DaemonFigures {
  Lateness lateness;
  bool reload_successful = true;
  WallTime reload_succeeded_at{};
  bool restart_required = false;
  std::string version;
  std::string revision;
  bool store_healthy = true;
  std::size_t workers = 0;
  std::size_t workers_stuck = 0;
  std::size_t connections = 0;
  // How many deploys ended in which way, by DeploymentStatus.
  std::array<std::uint64_t, deployment_status_names.size()> deployments{};

  // The process, as Prometheus' client libraries name it.
  double cpu_seconds = 0;
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double open_fds = 0;
  double max_fds = 0;
  double threads = 0;
  double start_time = 0;  // seconds since 1970
};

}  // namespace gonogo
