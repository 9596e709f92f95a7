#include "daemon/io/blocking_pool.h"

#include <gtest/gtest.h>

#include <array>
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

// How a caller's wait ended.
struct Ended {
  bool ended = false;
  bool could_judge = true;
  std::string text;
};

void submit(asio::io_context& loop, BlockingPool& pool, asio::cancellation_signal& cancel,
            std::function<void()> job, Ended& ended) {
  asio::co_spawn(loop, pool.submit(std::move(job)),
                 asio::bind_cancellation_slot(cancel.slot(), [&ended](std::exception_ptr error) {
                   ended.ended = true;
                   try {
                     if (error) std::rethrow_exception(error);
                   } catch (const IoError& broken) {
                     ended.could_judge = broken.can_judge();
                     ended.text = broken.text();
                   } catch (const boost::system::system_error& broken) {
                     ended.text = broken.what();
                   }
                 }));
}

TEST(BlockingPool, OfTwoJobsSubmittedAtOnceTheSecondDoesNotWaitBehindAHungFirst) {
  asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 4, 8);
  asio::cancellation_signal never;
  // One worker is idle, and both jobs see it.
  Ended first;
  submit(
      loop, pool, never, [] {}, first);
  while (!first.ended) loop.run_one();
  for (int i = 0; i < 100; ++i) {
    auto hung = std::make_shared<Gate>();
    std::array<Ended, 2> both;
    std::array<asio::cancellation_signal, 2> cancel;
    submit(
        loop, pool, cancel[0], [hung] { hung->pass(); }, both[0]);
    submit(
        loop, pool, cancel[1], [] {}, both[1]);
    loop.restart();
    while (!both[1].ended) loop.run_one();
    EXPECT_FALSE(both[0].ended);
    hung->open();
    while (!both[0].ended) loop.run_one();
  }
}

TEST(BlockingPool, JobsThatAllHangHoldUpNoOtherJob) {
  asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 2, 64);
  auto gate = std::make_shared<Gate>();
  std::array<Ended, 16> hung;
  std::array<asio::cancellation_signal, 16> cancel;
  for (std::size_t i = 0; i < hung.size(); ++i)
    submit(
        loop, pool, cancel[i], [gate] { gate->pass(); }, hung[i]);
  Ended healthy;
  asio::cancellation_signal never;
  submit(
      loop, pool, never, [] {}, healthy);
  while (!healthy.ended) loop.run_one();
  EXPECT_EQ(healthy.text, "");
  EXPECT_EQ(pool.counts().stuck, 0U) << "nobody had to give up first";
  gate->open();
  while (pool.counts().workers > 2) std::this_thread::yield();
}

TEST(BlockingPool, AJobThatIsGivenUpBeforeAWorkerWasFreeIsThisDaemonsFault) {
  asio::io_context loop;
  BlockingPool pool(loop.get_executor(), 1, 1);
  auto gate = std::make_shared<Gate>();
  asio::cancellation_signal never;
  Ended hung;
  submit(
      loop, pool, never, [gate] { gate->pass(); }, hung);
  loop.poll();
  gate->wait_for_arrival();
  Ended queued;
  asio::cancellation_signal cancel;
  auto has_run = std::make_shared<std::atomic<bool>>(false);
  submit(
      loop, pool, cancel, [has_run] { *has_run = true; }, queued);
  loop.restart();
  loop.poll();
  cancel.emit(asio::cancellation_type::terminal);
  loop.restart();
  loop.poll();
  EXPECT_TRUE(queued.ended);
  EXPECT_FALSE(queued.could_judge);
  EXPECT_EQ(queued.text, "no worker of this daemon was free in time");
  EXPECT_EQ(pool.counts().expired, 1U);
  EXPECT_EQ(pool.counts().queued, 0U);
  gate->open();
  loop.restart();
  while (!hung.ended) loop.run_one();
  EXPECT_FALSE(*has_run);
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
