#include "daemon/io/blocking_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "daemon/core/io_error.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(BlockingPool, AStuckJobStarvesNobody) {
  boost::asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 8);
  auto gate = std::make_shared<std::pair<std::mutex, std::condition_variable>>();
  auto open = std::make_shared<bool>(false);
  boost::asio::cancellation_signal cancel;
  bool stuck_ended = false;
  std::function<void()> blocking = [gate, open] {
    std::unique_lock lock(gate->first);
    gate->second.wait(lock, [&] { return *open; });
  };
  boost::asio::co_spawn(loop, pool.submit(blocking),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr) { stuck_ended = true; }));
  while (pool.counts().workers == 0 || pool.counts().queued > 0) loop.run_one_for(1ms);
  loop.restart();
  cancel.emit(boost::asio::cancellation_type::terminal);
  while (!stuck_ended) loop.run_one();
  EXPECT_EQ(pool.counts().stuck, 1U);
  bool second_ended = false;
  boost::asio::co_spawn(loop, pool.submit([] {}),
                        [&](std::exception_ptr error) { second_ended = !error; });
  loop.restart();
  while (!second_ended) loop.run_one();
  {
    const std::scoped_lock lock(gate->first);
    *open = true;
    gate->second.notify_all();
  }
  while (pool.counts().stuck > 0) std::this_thread::yield();
  EXPECT_LE(pool.counts().workers, 2U);
}

TEST(BlockingPool, WhenEveryThreadHangsNothingIsJudged) {
  boost::asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 1);
  auto gate = std::make_shared<std::mutex>();
  gate->lock();
  boost::asio::cancellation_signal cancel;
  bool ended = false;
  std::function<void()> blocking = [gate] { const std::scoped_lock lock(*gate); };
  boost::asio::co_spawn(loop, pool.submit(blocking),
                        boost::asio::bind_cancellation_slot(
                            cancel.slot(), [&](std::exception_ptr) { ended = true; }));
  while (pool.counts().workers == 0 || pool.counts().queued > 0) loop.run_one_for(1ms);
  loop.restart();
  cancel.emit(boost::asio::cancellation_type::terminal);
  while (!ended) loop.run_one();
  std::optional<IoError> refusal;
  boost::asio::co_spawn(loop, pool.submit([] {}), [&](std::exception_ptr error) {
    try {
      std::rethrow_exception(error);
    } catch (const IoError& broken) {
      refusal = broken;
    }
  });
  loop.restart();
  while (!refusal) loop.run_one();
  EXPECT_FALSE(refusal->can_judge());
  EXPECT_EQ(refusal->reason(), Reason::prober);
  gate->unlock();
}

}  // namespace
}  // namespace gonogo
