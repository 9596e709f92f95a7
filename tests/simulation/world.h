// The targets of a simulation, and the probes that ask them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "daemon/core/clock.h"
#include "daemon/core/probe.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/waiter.h"
#include "tests/simulation/clerk.h"

namespace gonogo::simulation {

struct Target {
  Answer answer = Answer::pass;
  Pace pace = Pace::at_once;
};

// Where jobs of the pool hang until they are released.
class HungMount {
 public:
  // On a worker of the pool.
  void read();
  void release();
  // How many jobs hang here.
  std::size_t hanging() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::size_t hanging_ = 0;
  std::uint64_t releases_ = 0;
};

class World {
 public:
  explicit World(Clerk& clerk) : clerk_(clerk) {}

  // The daemon that asks from now on.
  void live_in(Clock& clock, BlockingPool& pool);

  std::shared_ptr<Probe> probe_of(std::int64_t check);
  Target& target(std::int64_t check) { return targets_[check]; }
  void heal();
  void release(std::int64_t check);
  void release_all();
  std::size_t hanging_jobs() const;

 private:
  friend class TargetProbe;
  struct Asked;
  boost::asio::awaitable<Finding> ask(std::int64_t check, Attempt& attempt);
  boost::asio::awaitable<void> let_wait(std::int64_t check, Pace pace, RunId run);
  boost::asio::awaitable<void> hang(std::int64_t check, bool heeds);
  boost::asio::awaitable<void> be_slow();
  boost::asio::awaitable<void> use_pool(std::int64_t check, bool hangs, RunId run);
  Now now() const { return clock_->both(); }

  Clerk& clerk_;
  Clock* clock_ = nullptr;
  BlockingPool* pool_ = nullptr;
  std::map<std::int64_t, Target> targets_;
  std::map<std::int64_t, std::set<std::shared_ptr<Waiter>>> hanging_;
  std::map<std::int64_t, std::shared_ptr<HungMount>> mounts_;
};

}  // namespace gonogo::simulation
