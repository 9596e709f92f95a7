// What the daemon lends to its probes. All of it outlives every probe.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/core/deployment.h"
#include "daemon/core/heartbeat_pushes.h"

namespace gonogo {

class BlockingPool;
class Resolver;

// How this daemon itself fares.
struct ProberHealth {
  Duration lateness{};            // worst beginning of a look recently
  std::size_t workers_stuck = 0;  // of the blocking pool
  std::size_t descriptors_open = 0;
  std::size_t descriptors_most = 0;
  std::string store_problem;  // empty when what is seen is also saved
};

struct Resources {
  boost::asio::io_context& loop;
  Clock& clock;
  BlockingPool& pool;
  Resolver& resolver;
  HeartbeatPushes& pushes;
  std::function<ProberHealth()> health;

  // Where the Docker Engine listens.
  std::string docker_socket = "/var/run/docker.sock";

  // What a probe noted under `name` in an earlier look, across restarts where there is a store. A
  // note is small (some KiB) and holds no secret.
  std::function<std::optional<std::string>(const std::string& name)> recall;
  std::function<void(const std::string& name, std::string note)> remember;

  // What is to be deployed; empty: nobody said. And the last deploy that was begun.
  std::function<std::string()> release = [] { return std::string(); };
  std::function<std::optional<Deployment>()> deployment = [] { return std::nullopt; };
};

}  // namespace gonogo
