#include "daemon/io/blocking_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "daemon/core/io_error.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;

// Jobs wait at it until it is opened.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void wait_for_arrival() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return arrived_ > 0; });
  }
  void open() {
    const std::scoped_lock lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool is_open_ = false;
};

TEST(BlockingPool, AStuckJobStarvesNobodyAndItsCallerWaitsForIt) {
  asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 8);
  auto gate = std::make_shared<Gate>();
  asio::cancellation_signal cancel;
  bool stuck_ended = false;
  std::function<void()> blocking = [gate] { gate->pass(); };
  asio::co_spawn(
      loop, pool.submit(blocking),
      asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr) { stuck_ended = true; }));
  loop.poll();
  gate->wait_for_arrival();
  cancel.emit(asio::cancellation_type::terminal);
  loop.restart();
  loop.poll();
  EXPECT_EQ(pool.counts().stuck, 1U);
  bool second_ended = false;
  asio::co_spawn(loop, pool.submit([] {}),
                 [&](std::exception_ptr error) { second_ended = !error; });
  loop.restart();
  while (!second_ended) loop.run_one();
  EXPECT_FALSE(stuck_ended) << "a caller whose job still runs could start another";
  gate->open();
  while (!stuck_ended) loop.run_one();
  EXPECT_EQ(pool.counts().stuck, 0U);
  while (pool.counts().workers > 1) std::this_thread::yield();
}

TEST(BlockingPool, WhenEveryThreadHangsNothingIsJudged) {
  asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 1);
  auto gate = std::make_shared<Gate>();
  asio::cancellation_signal cancel;
  std::function<void()> blocking = [gate] { gate->pass(); };
  asio::co_spawn(loop, pool.submit(blocking),
                 asio::bind_cancellation_slot(cancel.slot(), [](std::exception_ptr) {}));
  loop.poll();
  gate->wait_for_arrival();
  cancel.emit(asio::cancellation_type::terminal);
  std::optional<IoError> refusal;
  asio::co_spawn(loop, pool.submit([] {}), [&](std::exception_ptr error) {
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
  gate->open();
}

}  // namespace
}  // namespace gonogo
