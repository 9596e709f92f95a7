#include "tests/simulation/life.h"

#include <boost/asio/co_spawn.hpp>
#include <thread>
#include <utility>

namespace gonogo::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t workers = 4;
// A job gets its worker at once, or at the latest when the pool has seen that the others hang. This
// many rounds are some ten seconds.
constexpr int most_rounds = 2'000'000;

}  // namespace

Life::Life(const std::string& path, SteadyTime now, Duration wall_ahead, World& world,
           Faults& faults, std::function<void()> on_settled)
    : faults_(faults),
      world_(world),
      clock(loop),
      pool(loop.get_executor(), workers, workers),
      kernel(loop, clock, pool, [this](const Snapshot*, const Snapshot& after) {
        heard = Heard{after.go, after.since};
      }) {
  clock.pass_unnoticed(now - clock.now());
  clock.set_wall_ahead(wall_ahead);
  world_.live_in(clock, pool);
  store = std::make_unique<Store>(path, 90 * 24h, clock.both());
  if (!store->problem().empty()) faults_.report("the store: " + store->problem());
  kernel.open(*store);
  clock.on_settled = std::move(on_settled);
}

Life::~Life() { end(); }

void Life::end() {
  if (std::exchange(has_ended_, true)) return;
  clock.on_settled = {};
  kernel.stop();
  world_.release_all();
  drain();
  if (!kernel.has_unwound()) faults_.report("a run has not unwound after the stop");
  store->close();
}

void Life::decide(boost::asio::awaitable<Decided> deciding, std::function<void(bool)> decided) {
  boost::asio::co_spawn(
      loop, std::move(deciding),
      [this, decided = std::move(decided)](std::exception_ptr failure, const Decided& answer) {
        if (failure) faults_.report("a decision ended with an exception");
        decided(!failure && answer.has_value());
      });
}

bool Life::is_quiet() const {
  const BlockingPool::Counts counts = pool.counts();
  const bool all_hang = counts.running == workers;
  const bool is_deciding = store && store->progress().is_deciding;
  return !is_deciding && counts.running == world_.hanging_jobs() &&
         (counts.queued == 0 || all_hang);
}

void Life::drain() {
  for (int round = 0; round < most_rounds; ++round) {
    const bool was_quiet = is_quiet();
    loop.restart();
    if (loop.poll() > 0) continue;
    if (was_quiet) return;
    std::this_thread::yield();
  }
  faults_.report("a job waits for a worker, and there is room for one");
}

}  // namespace gonogo::simulation
