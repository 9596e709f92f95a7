// Threads for work that may block: a file on any mount, a database file, a password hash.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "daemon/core/clock.h"

namespace gonogo {

// Any free worker takes the next job. When none is free and no job has ended for some time, the
// pool starts another worker, up to `most` threads in all, so that a hung mount does not hold up
// the other jobs; more than `workers` of them end when they are not needed.
class BlockingPool {
 public:
  struct Counts {
    std::size_t workers = 0;
    std::size_t most = 0;
    std::size_t running = 0;  // workers that have a job
    std::size_t stuck = 0;    // running jobs whose callers gave up
    std::size_t queued = 0;
    std::uint64_t expired = 0;  // jobs whose callers gave up before a worker was free, ever
  };

  BlockingPool(boost::asio::any_io_executor loop, std::size_t workers, std::size_t most);
  // As close() with no wait.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Completes on the loop when `job` has run. Cancelling the wait abandons the job: it must own
  // everything it touches. A job that has begun is still waited for, so that no caller has two.
  // Throws IoError (prober, it cannot judge) when every thread is stuck, when the system has no
  // more threads, or when the wait was cancelled before a worker was free.
  boost::asio::awaitable<void> submit(std::function<void()> job);

  // Starts no job any more and waits at most `longest` for those that run; whoever still waits for
  // one is never resumed. False when a job still runs: its thread is left behind (left_threads.h).
  // Called on the loop's thread, after the loop has ended.
  bool close(Duration longest);

  Counts counts() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

// Runs `work` on the pool. Returns its result or throws its exception.
template <typename Work>
boost::asio::awaitable<std::invoke_result_t<Work>> offload(BlockingPool& pool, Work work) {
  using Answer = std::invoke_result_t<Work>;
  struct Slot {
    std::optional<Answer> answer;
    std::exception_ptr error;
  };
  auto slot = std::make_shared<Slot>();
  std::function<void()> job = [slot, work = std::move(work)]() mutable {
    try {
      slot->answer.emplace(work());
    } catch (...) {
      slot->error = std::current_exception();
    }
  };
  co_await pool.submit(std::move(job));
  if (slot->error) std::rethrow_exception(slot->error);
  co_return std::move(*slot->answer);
}

}  // namespace gonogo
