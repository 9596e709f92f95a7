#include "tests/simulation/world.h"

#include <atomic>
#include <boost/asio/error.hpp>
#include <stdexcept>
#include <utility>

#include "daemon/core/io_error.h"

namespace gonogo::simulation {
namespace asio = boost::asio;

using namespace std::chrono_literals;

namespace {

// Never at the instant of a deadline, which is whole seconds after the run began.
constexpr Duration slowness = 1137ms;

Finding finding_for(Answer answer) {
  switch (answer) {
    case Answer::pass: return Finding::pass("well");
    case Answer::warn: return Finding::warn(Reason::threshold, "slow");
    case Answer::unknown: return Finding::unknown(Reason::prober, "no descriptor");
    case Answer::skipped: return Finding::skipped("does not apply");
    case Answer::throws: throw std::runtime_error("lost its answer");
    case Answer::cannot_look: throw IoError::cannot_judge(Reason::prober, "no descriptor");
    default: break;
  }
  Finding finding = Finding::fail(Reason::status, "500");
  finding.is_seen_once = answer == Answer::once;
  return finding;
}

}  // namespace

void HungMount::read() {
  std::unique_lock lock(mutex_);
  ++hanging_;
  released_.wait(lock, [this, before = releases_] { return releases_ != before; });
}

void HungMount::release() {
  const std::scoped_lock lock(mutex_);
  ++releases_;
  hanging_ = 0;
  released_.notify_all();
}

std::size_t HungMount::hanging() const {
  const std::scoped_lock lock(mutex_);
  return hanging_;
}

// Asks the target as it is when the run begins.
class TargetProbe : public Probe {
 public:
  TargetProbe(World& world, std::int64_t check) : world_(world), check_(check) {}
  asio::awaitable<Finding> run(Attempt& attempt) override { return world_.ask(check_, attempt); }

 private:
  World& world_;
  std::int64_t check_;
};

// A run that ends, however it does.
struct World::Asked {
  Asked(World& asked, RunId id) : world(asked), run(id) {}
  ~Asked() { world.clerk_.unwound(run, world.now()); }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  World& world;
  RunId run;
};

void World::live_in(Clock& clock, BlockingPool& pool) {
  clock_ = &clock;
  pool_ = &pool;
}

std::shared_ptr<Probe> World::probe_of(std::int64_t check) {
  return std::make_shared<TargetProbe>(*this, check);
}

asio::awaitable<Finding> World::ask(std::int64_t check, Attempt& attempt) {
  const Asked asked(*this, clerk_.began(check, now()));
  const Target target = targets_[check];
  attempt.enter(Stage::connect);
  if (target.pace != Pace::at_once) {
    auto waiting = let_wait(check, target.pace, asked.run);
    co_await std::move(waiting);
  }
  clerk_.answered(asked.run, target.answer, now());
  co_return finding_for(target.answer);
}

asio::awaitable<void> World::let_wait(std::int64_t check, Pace pace, RunId run) {
  switch (pace) {
    case Pace::slow: return be_slow();
    case Pace::hangs: return hang(check, true);
    case Pace::stubborn: return hang(check, false);
    case Pace::pooled: return use_pool(check, false, run);
    default: return use_pool(check, true, run);
  }
}

asio::awaitable<void> World::hang(std::int64_t check, bool heeds) {
  auto waiter = std::make_shared<Waiter>();
  hanging_[check].insert(waiter);
  auto begin = [] {};
  auto cancelled = [waiter, heeds] {
    if (heeds) waiter->resume(asio::error::operation_aborted);
  };
  auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
}

asio::awaitable<void> World::be_slow() {
  auto waiter = std::make_shared<Waiter>();
  const Timer timer = clock_->call_at(clock_->now() + slowness, [waiter] { waiter->resume({}); });
  auto begin = [] {};
  auto cancelled = [waiter] { waiter->resume(asio::error::operation_aborted); };
  auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
  co_await std::move(waiting);
}

asio::awaitable<void> World::use_pool(std::int64_t check, bool hangs, RunId run) {
  auto& mount = mounts_[check];
  if (!mount) mount = std::make_shared<HungMount>();
  auto has_worker = std::make_shared<std::atomic<bool>>(false);
  clerk_.needs_worker(run, has_worker);
  auto work = [hangs, has_worker, mount = mount] {
    *has_worker = true;
    if (hangs) mount->read();
    return true;
  };
  auto working = offload(*pool_, std::move(work));
  try {
    co_await std::move(working);
  } catch (const IoError&) {
    // The pool has no worker: that says nothing of the target.
    clerk_.answered(run, Answer::cannot_look, now());
    throw;
  }
}

void World::release(std::int64_t check) {
  for (const auto& waiter : std::exchange(hanging_[check], {})) waiter->resume({});
  if (const auto mount = mounts_.find(check); mount != mounts_.end()) mount->second->release();
}

void World::release_all() {
  for (auto& [check, waiters] : hanging_) {
    for (const auto& waiter : std::exchange(waiters, {})) waiter->resume({});
  }
  for (auto& [check, mount] : mounts_) mount->release();
}

void World::heal() {
  targets_.clear();
  release_all();
}

std::size_t World::hanging_jobs() const {
  std::size_t count = 0;
  for (const auto& [check, mount] : mounts_) count += mount->hanging();
  return count;
}

}  // namespace gonogo::simulation
