#include "daemon/io/blocking_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "daemon/core/io_error.h"

namespace gonogo {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

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

TEST(BlockingPool, CloseWaitsForTheJobThatRuns) {
  asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 1);
  auto gate = std::make_shared<Gate>();
  auto has_ended = std::make_shared<std::atomic<bool>>(false);
  std::function<void()> job = [gate, has_ended] {
    gate->pass();
    *has_ended = true;
  };
  asio::co_spawn(loop, pool.submit(job), asio::detached);
  loop.poll();
  gate->wait_for_arrival();
  std::thread opener([gate] { gate->open(); });
  EXPECT_TRUE(pool.close(1h));
  EXPECT_TRUE(*has_ended);
  opener.join();
}

TEST(BlockingPool, CloseLeavesAJobThatHangsBehind) {
  asio::io_context loop;
  auto gate = std::make_shared<Gate>();
  auto has_ended = std::make_shared<std::atomic<bool>>(false);
  {
    BlockingPool pool(loop.get_executor(), 2, 2);
    std::function<void()> job = [gate, has_ended] {
      gate->pass();
      *has_ended = true;
    };
    asio::co_spawn(loop, pool.submit(job), asio::detached);
    loop.poll();
    gate->wait_for_arrival();
    EXPECT_FALSE(pool.close(1ms));
    EXPECT_FALSE(*has_ended);
  }
  gate->open();
  while (!*has_ended) std::this_thread::yield();
}

asio::awaitable<void> wait_for_job(BlockingPool& pool, std::shared_ptr<Gate> gate,
                                   std::shared_ptr<int> held) {
  std::function<void()> job = [gate] { gate->pass(); };
  co_await pool.submit(job);
  *held = 1;
}

// Caller, job and handler hold each other: nothing else would free them.
TEST(BlockingPool, CloseDestroysTheCallersThatStillWait) {
  asio::io_context loop;
  auto gate = std::make_shared<Gate>();
  auto held = std::make_shared<int>(0);
  {
    BlockingPool pool(loop.get_executor(), 1, 1);
    for (int i = 0; i < 3; ++i)
      asio::co_spawn(loop, wait_for_job(pool, gate, held), asio::detached);
    loop.poll();
    gate->wait_for_arrival();
    EXPECT_EQ(held.use_count(), 4);
    gate->open();
    EXPECT_TRUE(pool.close(1h));
  }
  // Asio unwinds a coroutine on its executor.
  loop.restart();
  loop.poll();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(*held, 0) << "a job that ended after the loop did resumes nobody";
}

}  // namespace
}  // namespace gonogo
