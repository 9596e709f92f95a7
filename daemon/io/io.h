// What reaching the world takes. All of it outlives whatever uses it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>

#include "daemon/core/clock.h"

namespace gonogo {

class BlockingPool;
class Resolver;

struct Io {
  boost::asio::io_context& loop;
  Clock& clock;
  BlockingPool& pool;
  Resolver& resolver;

  // Where the Docker Engine listens.
  std::string docker_socket = "/var/run/docker.sock";
};

}  // namespace gonogo
