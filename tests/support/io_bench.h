// An Io whose time tests move.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/probe.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/resolve.h"
#include "probes/resources.h"
#include "tests/support/fake_clock.h"

namespace gonogo {

struct IoBench {
  // Starts `operation`; what it returns is in the result when it has ended.
  template <typename T>
  std::shared_ptr<std::optional<T>> start(boost::asio::awaitable<T> operation) {
    auto result = std::make_shared<std::optional<T>>();
    boost::asio::co_spawn(loop, std::move(operation),
                          boost::asio::bind_cancellation_slot(
                              cancel.slot(), [result](std::exception_ptr error, T value) {
                                if (!error) result->emplace(std::move(value));
                              }));
    clock.settle();
    return result;
  }

  // Ends only when it is cancelled.
  boost::asio::awaitable<int> hang(Attempt& attempt, Stage stage) {
    attempt.enter(stage);
    boost::asio::steady_timer never(loop, boost::asio::steady_timer::time_point::max());
    co_await never.async_wait(boost::asio::use_awaitable);
    co_return 0;
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  BlockingPool pool{loop.get_executor(), 1, 1};
  Resolver resolver{loop.get_executor()};
  HeartbeatPushes pushes;
  Resources resources{{.loop = loop, .clock = clock, .pool = pool, .resolver = resolver},
                      pushes,
                      [] { return ProberHealth{}; },
                      {},
                      {}};
  boost::asio::cancellation_signal cancel;
};

inline boost::asio::awaitable<int> give(int answer) { co_return answer; }

inline boost::asio::awaitable<int> break_at(Attempt& attempt, Stage stage, IoError error) {
  attempt.enter(stage);
  if (error.reason() != Reason::none) throw error;
  co_return 0;
}

}  // namespace gonogo
