// A week of the whole kernel in seconds: 300 checks, random outcomes, hangs, stalls, reloads,
// restarts and clock steps, and after every step the invariants, said in a second way.
#include <gtest/gtest.h>

#include <random>

#include "daemon/store/record_json.h"
#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t count = 300;

// Sanitizers make it ten times slower: a day has to do for them.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int days = 1;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int days = 1;
#else
constexpr int days = 7;
#endif
#else
constexpr int days = 7;
#endif

// What the outside world and a careful clerk know of one check.
struct Clerk {
  Finding next = Finding::pass();  // what a run will see
  bool hangs = false;
  std::string fingerprint = "f1";
  // Of decisive results under the present fingerprint.
  std::optional<SteadyTime> last_at;
  bool passes = false;
  bool skipped = false;  // the last one said that the check does not apply
  int failures_in_a_row = 0;
  int passes_in_a_row = 0;
  std::vector<bool> failed;     // each run since nothing of the past counted
  bool failed_in_turn = false;  // it fails by failures that were not in a row
  std::shared_ptr<ScriptedProbe> probe;
};

class Simulation {
 public:
  Simulation() {
    for (std::size_t i = 0; i < count; ++i) {
      Check check = probed_check("check-" + std::to_string(i), 5min * (1 + random_() % 6), 5s);
      check.debounce = {1 + static_cast<int>(random_() % 2), 1 + static_cast<int>(random_() % 3)};
      if (random_() % 10 == 0) check.severity = Severity::advisory;
      checks_.push_back(std::move(check));
      clerks_.emplace_back();
    }
    start();
  }

  void run(Duration span) {
    const SteadyTime end = bench_->clock.now() + span;
    while (bench_->clock.now() < end) {
      step();
      check_invariants();
    }
  }

  std::uint64_t runs = 0;
  std::uint64_t steps = 0;
  std::uint64_t gos = 0;
  std::uint64_t no_gos = 0;
  std::uint64_t reloads = 0;
  std::uint64_t restarts = 0;

 private:
  std::shared_ptr<Probe> probe_for(std::size_t index) {
    // Whether it hangs is decided at each reload; what it answers, at each run.
    Clerk& clerk = clerks_[index];
    if (clerk.hangs) return ScriptedProbe::hanging();
    return std::make_shared<ScriptedProbe>([&clerk] { return clerk.next; });
  }

  std::vector<std::shared_ptr<Probe>> probes() {
    std::vector<std::shared_ptr<Probe>> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(probe_for(i));
    return all;
  }

  void start() {
    bench_ = std::make_unique<Kernel>(*this);
    bench_->apply(checks_, probes(), {});
  }

  // The bench, with a clerk reading along.
  struct Kernel {
    explicit Kernel(Simulation& simulation)
        : clock(loop),
          board(clock, runtimes, [](const Snapshot*, const Snapshot&) {}),
          runner(loop.get_executor(), clock, runtimes,
                 [this, &simulation](CheckRuntime& runtime, Observation seen) {
                   simulation.clerk_reads(runtime.position, seen);
                   board.take(runtime, std::make_shared<Observation>(std::move(seen)));
                   if (runtime.record.debounce.is_undecided()) {
                     runner.run_by(runtime, clock.now() + runtime.definition->retry_interval);
                   }
                 }) {}
    ~Kernel() {
      runner.stop();
      clock.settle();
    }
    void apply(std::vector<Check> checks, std::vector<std::shared_ptr<Probe>> probes,
               const std::function<void(Runtimes&)>& restore) {
      for (std::size_t i = 0; i < count; ++i) checks[i].probe = std::move(probes[i]);
      runtimes.put_in_force(checklist_of(std::move(checks)), clock.both());
      if (restore) restore(runtimes);
      board.apply();
      runner.start();
    }
    CheckRecord& record(std::size_t index) const { return runtimes[index].record; }
    boost::asio::io_context loop;
    FakeClock clock;
    Runtimes runtimes;
    LiveBoard board;
    Runner runner;
  };

  void clerk_reads(std::size_t index, const Observation& seen) {
    ++runs;
    Clerk& clerk = clerks_[index];
    if (seen.outcome == Outcome::unknown) return;
    const Check& check = checks_[index];
    // What was too old to count when it failed was not good.
    const bool was_stale =
        clerk.last_at && seen.at.steady + seen.took - *clerk.last_at > check.stale_after;
    clerk.last_at = seen.at.steady;
    if (clerk.skipped || seen.outcome == Outcome::skipped) {
      // Before and after, nothing of the past counts.
      clerk.failures_in_a_row = clerk.passes_in_a_row = 0;
      clerk.failed.clear();
      clerk.failed_in_turn = false;
      clerk.skipped = clerk.passes = seen.outcome == Outcome::skipped;
      if (clerk.skipped) return;
    }
    const int fall = check.debounce.fall;
    clerk.failed.push_back(seen.outcome == Outcome::fail);
    const auto window = std::min<std::ptrdiff_t>(std::ssize(clerk.failed), 2 * fall - 1);
    const auto among = std::count(clerk.failed.end() - window, clerk.failed.end(), true);
    if (seen.outcome == Outcome::fail) {
      clerk.passes_in_a_row = 0;
      ++clerk.failures_in_a_row;
      const bool in_a_row = clerk.failures_in_a_row >= fall || was_stale;
      if (clerk.passes && !in_a_row) clerk.failed_in_turn = among >= fall;
      if (in_a_row || among >= fall) clerk.passes = false;
    } else {
      clerk.failures_in_a_row = 0;
      ++clerk.passes_in_a_row;
      const bool enough = clerk.passes_in_a_row >= check.debounce.rise;
      if (enough && (!clerk.failed_in_turn || among < fall)) {
        clerk.passes = true;
        clerk.failed_in_turn = false;
      }
    }
  }

  void forget(std::size_t index) {
    Clerk& clerk = clerks_[index];
    clerk.last_at.reset();
    clerk.passes = clerk.skipped = false;
    clerk.failures_in_a_row = clerk.passes_in_a_row = 0;
    clerk.failed.clear();
    clerk.failed_in_turn = false;
  }

  void step() {
    ++steps;
    const unsigned dice = random_() % 1000;
    if (dice < 40) {
      misbehave();
    } else if (dice < 60) {
      heal();
    } else if (dice < 63) {
      reload();
    } else if (dice < 65) {
      restart();
    } else if (dice < 67) {
      bench_->clock.set_wall_ahead(random_() % 2 == 0 ? 26h : -26h);
    } else if (dice < 69) {
      bench_->clock.stall(std::chrono::seconds{random_() % 1800});
    }
    bench_->clock.advance(std::chrono::seconds{1 + random_() % 60});
  }

  void misbehave() {
    const std::size_t index = random_() % count;
    switch (random_() % 5) {
      case 0: clerks_[index].next = Finding::fail(Reason::status, "500"); break;
      case 1: clerks_[index].next = Finding::warn(Reason::threshold, "slow"); break;
      case 2: clerks_[index].next = Finding::unknown(Reason::prober, "no descriptor"); break;
      case 3: clerks_[index].next = Finding::skipped("does not apply"); break;
      default:
        clerks_[index].hangs = true;
        reload();
        break;
    }
  }

  void heal() {
    bool hung = false;
    for (Clerk& clerk : clerks_) {
      clerk.next = Finding::pass();
      hung = hung || clerk.hangs;
      clerk.hangs = false;
    }
    if (hung) reload();
  }

  void reload() {
    ++reloads;
    for (std::size_t i = 0; i < count; ++i) {
      if (random_() % 100 != 0) continue;
      checks_[i].fingerprint += "x";
      forget(i);
    }
    bench_->apply(checks_, probes(), {});
  }

  void restart() {
    ++restarts;
    std::vector<std::string> stored;
    const Now then = bench_->clock.both();
    for (std::size_t i = 0; i < count; ++i)
      stored.push_back(bench_->record(i).decisive ? to_json(bench_->record(i), then) : "");
    const Duration down = std::chrono::seconds{random_() % 600};
    const Duration ran = bench_->clock.now() - SteadyTime{1000h};
    const Duration wall_ahead =
        then.wall -
        (WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}} +
         std::chrono::duration_cast<std::chrono::microseconds>(then.steady.time_since_epoch()));
    bench_ = std::make_unique<Kernel>(*this);
    bench_->clock.stall(ran + down);
    bench_->clock.set_wall_ahead(wall_ahead);
    const Now now = bench_->clock.both();
    bench_->apply(checks_, probes(), [&](Runtimes& runtimes) {
      for (std::size_t i = 0; i < count; ++i) {
        const auto record =
            stored[i].empty() ? std::nullopt : record_from_json(stored[i], true, now);
        if (record) {
          adopt(runtimes[i].record, checks_[i], *record, checks_[i].fingerprint);
          // A step of the wall clock may make the store call it older than it is, never younger.
          ASSERT_LE(runtimes[i].record.decisive->at.steady, *clerks_[i].last_at + 1ms);
          clerks_[i].last_at = runtimes[i].record.decisive->at.steady;
        } else {
          forget(i);
        }
      }
    });
  }

  void check_invariants() {
    const auto snapshot = bench_->board.verdict();
    const SteadyTime now = bench_->clock.now();
    bool wanted = true;
    for (std::size_t i = 0; i < count; ++i) {
      const Clerk& clerk = clerks_[i];
      const bool good =
          clerk.passes && clerk.last_at && now - *clerk.last_at <= checks_[i].stale_after;
      ASSERT_EQ(snapshot->checks[i].good, good) << checks_[i].id << " at step " << steps;
      if (checks_[i].severity == Severity::blocker) wanted = wanted && good;
    }
    ASSERT_EQ(snapshot->go, wanted) << "step " << steps;
    ++(snapshot->go ? gos : no_gos);
  }

  std::mt19937 random_{20260405};
  std::vector<Check> checks_;
  std::deque<Clerk> clerks_;
  std::unique_ptr<Kernel> bench_;
};

TEST(Simulation, AWeekOfThreeHundredChecksKeepsTheInvariants) {
  Simulation simulation;
  simulation.run(days * 24h);
  EXPECT_GT(simulation.runs, days * 25'000U);
  EXPECT_GT(simulation.reloads, days * 3U);
  EXPECT_GT(simulation.restarts, days * 1U);
  EXPECT_GT(simulation.gos, days * 70U) << "a simulation that is never GO proves little";
  EXPECT_GT(simulation.no_gos, days * 70U);
}

}  // namespace
}  // namespace gonogo
