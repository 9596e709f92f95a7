// What probes need, without a daemon around them: for verbs that look or load on their own.
#pragma once

#include <boost/asio/io_context.hpp>

#include "daemon/system_clock.h"
#include "probes/support/blocking_pool.h"
#include "probes/support/resolve.h"
#include "probes/support/resources.h"

namespace gonogo {

struct Workbench {
  boost::asio::io_context loop{1};
  SystemClock clock{loop};
  BlockingPool pool{loop.get_executor(), 4, 64};
  Resolver resolver{loop.get_executor()};
  HeartbeatPushes pushes;
  Resources resources{loop, clock, pool, resolver, pushes, [] { return ProberHealth{}; }};
};

}  // namespace gonogo
