// What probes need when there is no daemon: for verbs that run checks or load a configuration.
#pragma once

#include <boost/asio/io_context.hpp>

#include "daemon/io/blocking_pool.h"
#include "daemon/io/resolve.h"
#include "daemon/scheduling/system_clock.h"
#include "probes/resources.h"

namespace gonogo {

struct Workbench {
  // Runs the loop for this long.
  void pause(Duration span) {
    bool over = false;
    const Timer timer = clock.call_at(clock.now() + span, [&over] { over = true; });
    loop.restart();
    while (!over) loop.run_one();
  }

  boost::asio::io_context loop{1};
  SystemClock clock{loop};
  BlockingPool pool{loop.get_executor(), 4, 64};
  Resolver resolver{loop.get_executor()};
  HeartbeatPushes pushes;
  Resources resources{{.loop = loop, .clock = clock, .pool = pool, .resolver = resolver},
                      pushes,
                      [] { return ProberHealth{}; }};
};

}  // namespace gonogo
