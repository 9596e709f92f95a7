#include "daemon/scheduling/runner.h"

#include <gtest/gtest.h>

#include "daemon/core/io_error.h"
#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Runner, RunsEachCheckOnItsOwnSchedule) {
  Bench bench;
  auto quick = ScriptedProbe::answering(Finding::pass());
  auto slow = ScriptedProbe::answering(Finding::pass());
  bench.watch({probed_check("quick", 10s), probed_check("slow", 60s)}, {quick, slow});
  bench.clock.advance(10min);
  EXPECT_NEAR(quick->runs, 60, 2);
  EXPECT_NEAR(slow->runs, 10, 2);
  EXPECT_TRUE(bench.go());
}

TEST(Runner, StartsNoSecondRunWhileOneIsStillUnderWay) {
  Bench bench;
  auto probe = ScriptedProbe::stubborn();
  bench.watch({probed_check("mount", 10s, 2s)}, {probe});
  bench.clock.advance(35s);
  EXPECT_EQ(probe->runs, 1);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_EQ(bench.last(0).summary, "previous run still under way");
  probe->release();
  bench.clock.advance(10s);
  EXPECT_EQ(probe->runs, 2) << "it goes on when the first has unwound";
}

TEST(Runner, AStartRunsAtOnceWhatDependsOnACheckThatHasRecoveredSince) {
  for (const bool recovered : {true, false}) {
    Bench bench;
    auto probe = ScriptedProbe::answering(Finding::pass());
    Check above = probed_check("above", 24h);
    Check below = probed_check("below", 24h);
    below.probe = probe;
    below.depends_on = {0};
    auto list = checklist_of({above, below});
    bench.runtimes.put_in_force(list, bench.clock.both());
    const auto see = [&](std::size_t index, Outcome outcome) {
      take(bench.runtimes[index].record, list->checks[index], seen(outcome, bench.clock.both()));
      bench.board.apply();
      bench.clock.pass_unnoticed(1s);
    };
    see(0, Outcome::pass);
    see(1, Outcome::pass);
    if (recovered) see(0, Outcome::fail);
    see(0, Outcome::pass);
    bench.board.apply();
    bench.runner.start();
    bench.clock.advance(1s);
    EXPECT_EQ(probe->runs, recovered ? 1 : 0);
    EXPECT_EQ(bench.state(1), CheckState::pass);
  }
}

TEST(Runner, AHungRunKeepsNoCheckGoodForLongerThanFailingRunsWould) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  Check check = probed_check("mount", 30s, 5s);
  check.debounce = {1, 3};
  check.retry_interval = 10s;
  check.stale_after = 24h;
  bench.watch({check}, {probe});
  bench.clock.advance(31s);
  ASSERT_TRUE(bench.go());
  probe->hang();
  bench.clock.advance(30s + 5s + 2 * 10s + 1s);
  EXPECT_EQ(bench.state(0), CheckState::fail);
  EXPECT_FALSE(bench.go());
  bench.clock.advance(10min);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_FALSE(bench.go());
}

// The daemon was held up when the run's deadline passed, so the target was not blamed then.
TEST(Runner, ARunThatHangsOnAfterTheDaemonWasHeldUpIsBlamedWhenItIsOnTimeAgain) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  Check check = probed_check("mount", 30s, 5s);
  check.stale_after = 24h;
  bench.watch({check}, {probe});
  bench.clock.advance(31s);
  ASSERT_TRUE(bench.go());
  probe->hang();
  const int runs = probe->runs;
  while (probe->runs == runs) bench.clock.advance(1s);
  bench.clock.stall(10s);
  ASSERT_EQ(bench.last(0).outcome, Outcome::unknown);
  ASSERT_TRUE(bench.go());
  bench.clock.advance(31s);
  EXPECT_EQ(bench.state(0), CheckState::fail);
  EXPECT_FALSE(bench.go());
}

TEST(Runner, ARunAskedForWhileTheLastOneUnwindsFollows) {
  Bench bench;
  auto probe = ScriptedProbe::stubborn();
  Check check = probed_check("write", 1h, 2s);
  check.on_demand = true;
  check.stale_after = 24h;
  bench.watch({check}, {probe});
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(10s);
  ASSERT_EQ(bench.last(0).reason, Reason::timeout);
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(10s);
  EXPECT_EQ(probe->runs, 1) << "never two runs of one check";
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown)
      << "it is said at once that the last one hangs";
  probe->release();
  bench.clock.advance(1ms);
  EXPECT_EQ(probe->runs, 2);
  probe->release();
  bench.clock.advance(1h);
  EXPECT_EQ(probe->runs, 2) << "it was asked for once";
}

// What waits for this daemon itself when its deadline comes.
class QueuedProbe : public Probe {
 public:
  boost::asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto waiter = std::make_shared<Waiter>();
    auto begin = [] {};
    auto cancelled = [waiter] { waiter->resume(boost::asio::error::operation_aborted); };
    auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
    try {
      co_await std::move(waiting);
    } catch (const boost::system::system_error&) {
      throw IoError::cannot_judge(Reason::prober, "no worker was free");
    }
    co_return Finding::pass();
  }
};

TEST(Runner, WhatWaitsForTheDaemonItselfAtItsDeadlineIsNotTheTargetsFault) {
  Bench bench;
  Check check = probed_check("marker", 10s, 1s);
  check.probe = std::make_shared<QueuedProbe>();
  bench.use(checklist_of({check}));
  bench.clock.advance(15s);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_EQ(bench.last(0).reason, Reason::prober);
  EXPECT_EQ(bench.last(0).summary, "no worker was free");
}

TEST(Runner, AfterItsStopAReloadRunsNothing) {
  Bench bench;
  bench.watch({probed_check("a", 10s)}, {ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(11s);
  bench.runner.stop();
  auto probe = ScriptedProbe::answering(Finding::pass());
  Check other = probed_check("a", 10s);
  other.fingerprint = "f2";
  bench.watch({other}, {probe});
  bench.clock.advance(1min);
  EXPECT_EQ(probe->runs, 0);
}

TEST(Runner, ARunAskedForBesideAHungOneIsAnsweredAtOnce) {
  Bench bench;
  Check check = probed_check("a", 1h, 2s);
  bench.watch({check}, {ScriptedProbe::stubborn()});
  bench.clock.advance(1h);
  const int before = bench.observations;
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(1ms);
  EXPECT_EQ(bench.observations, before + 1);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
}

TEST(Runner, ManyChecksThatAreToRunSoonDoNotBeginAtOnce) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  std::vector<Check> checks;
  for (int i = 0; i < 300; ++i) checks.push_back(probed_check("c" + std::to_string(i), 1h));
  bench.watch(checks, std::vector<std::shared_ptr<Probe>>(300, probe));
  bench.clock.advance(2h);
  std::vector<CheckRuntime*> all;
  for (const auto& runtime : bench.runtimes) all.push_back(runtime.get());
  const int before = probe->runs;
  bench.runner.run_soon(all);
  bench.clock.advance(1ms);
  EXPECT_LE(probe->runs - before, 21);
  bench.clock.advance(3s);
  EXPECT_GE(probe->runs - before, 300);
}

TEST(Runner, AStuckCheckDelaysNoOther) {
  Bench bench;
  auto healthy = ScriptedProbe::answering(Finding::pass());
  bench.watch({probed_check("stuck", 10s, 2s), probed_check("healthy", 10s, 2s)},
              {ScriptedProbe::stubborn(), healthy});
  bench.clock.advance(100s);
  EXPECT_NEAR(healthy->runs, 10, 1);
  EXPECT_EQ(bench.state(1), CheckState::pass);
}

TEST(Runner, AfterAStallThereIsOneRunNotForty) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  bench.watch({probed_check("a", 10s)}, {probe});
  bench.clock.advance(20s);
  const int before = probe->runs;
  bench.clock.stall(400s);
  EXPECT_EQ(probe->runs, before + 1);
  EXPECT_GT(bench.runner.lateness().worst_recently(bench.clock.now()), 300s);
}

TEST(Runner, RunsSoonerWhileUndecided) {
  Bench bench;
  bool up = true;
  auto probe = std::make_shared<ScriptedProbe>(
      [&up] { return up ? Finding::pass() : Finding::fail(Reason::status, "500"); });
  Check check = probed_check("a", 30s);
  check.debounce = {1, 3};
  check.retry_interval = 2s;
  bench.watch({check}, {probe});
  bench.clock.advance(31s);
  ASSERT_TRUE(bench.go());
  up = false;
  bench.clock.advance(30s + 4s);
  EXPECT_FALSE(bench.go()) << "two retries after the first failure";
}

TEST(Runner, RunNowRunsAtOnceOrRightAfterTheOneUnderWay) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  auto busy = ScriptedProbe::hanging();
  bench.watch({probed_check("a", 1h), probed_check("b", 1h)}, {probe, busy});
  bench.clock.advance(1s);
  bench.runner.run_now(bench.runtimes[0]);
  bench.runner.run_now(bench.runtimes[1]);
  bench.clock.advance(1ms);
  EXPECT_EQ(probe->runs, 2);
  EXPECT_EQ(busy->runs, 1);
  busy->release();
  bench.clock.advance(1ms);
  EXPECT_EQ(busy->runs, 2);
}

Check on_demand_check(std::string id) {
  Check check = probed_check(std::move(id), 1h, 5s);
  check.on_demand = true;
  check.stale_after = 24h;
  return check;
}

TEST(OnDemand, RunsWhenAskedAndAtNoOtherTime) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  bench.watch({on_demand_check("write")}, {probe});
  bench.clock.advance(48h);
  EXPECT_EQ(probe->runs, 0);
  EXPECT_FALSE(bench.go()) << "what was never run is never good";
  EXPECT_FALSE(bench.runtimes[0].due);
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(1s);
  EXPECT_EQ(probe->runs, 1);
  EXPECT_TRUE(bench.go());
  bench.clock.advance(23h);
  EXPECT_TRUE(bench.go());
  bench.clock.advance(1h);
  EXPECT_FALSE(bench.go()) << "its result counts until stale_after";
  EXPECT_EQ(probe->runs, 1);
}

TEST(OnDemand, IsNeverOverdue) {
  Bench bench;
  bench.watch({on_demand_check("write")}, {ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(48h);
  EXPECT_EQ(bench.runner.overdue(), Duration::zero());
}

TEST(OnDemand, AskedDuringARunItRunsOnceMore) {
  Bench bench;
  auto probe = ScriptedProbe::hanging();
  bench.watch({on_demand_check("write")}, {probe});
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(1s);
  bench.runner.run_now(bench.runtimes[0]);
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(5s);
  EXPECT_EQ(probe->runs, 2);
}

struct Grouped {
  explicit Grouped(std::size_t most, int members) {
    std::vector<Check> checks;
    for (int i = 0; i < members; ++i) {
      checks.push_back(probed_check("c" + std::to_string(i), 60s, 10s));
      checks.back().group = 0;
      watched.push_back(ScriptedProbe::hanging());
      checks.back().probe = watched.back();
    }
    auto list = checklist_of(std::move(checks));
    list->groups.push_back({"database", most});
    bench.use(std::move(list));
  }
  int begun() const {
    int runs = 0;
    for (const auto& probe : watched) runs += probe->runs;
    return runs;
  }
  Bench bench;
  std::vector<std::shared_ptr<ScriptedProbe>> watched;
};

TEST(Groups, NoMoreThanTheCapRunAtOnce) {
  Grouped group(2, 5);
  group.bench.clock.advance(5s);
  EXPECT_EQ(group.begun(), 2);
  group.bench.clock.advance(10s);
  EXPECT_EQ(group.begun(), 4) << "the first two were given up at their deadline";
  group.bench.clock.advance(10s);
  EXPECT_EQ(group.begun(), 5);
}

TEST(Groups, EveryMemberHasItsTurn) {
  Grouped group(1, 4);
  group.bench.clock.advance(10min);
  for (const auto& probe : group.watched) EXPECT_GE(probe->runs, 9);
}

// The host was suspended while one ran and the other waited: room in the group and a run that is
// due come at the same instant.
TEST(Groups, AfterAStallACheckThatWaitedIsRunOnceThoughItsNextRunIsDueAsWell) {
  Bench bench;
  std::vector<Check> checks;
  auto waiting = ScriptedProbe::answering(Finding::pass());
  for (int i = 0; i < 2; ++i) {
    checks.push_back(probed_check("c" + std::to_string(i), 60s, 10s));
    checks.back().group = 0;
    checks.back().on_demand = true;
  }
  checks[0].probe = ScriptedProbe::hanging();
  checks[1].probe = waiting;
  auto list = checklist_of(std::move(checks));
  list->groups.push_back({"database", 1});
  bench.use(std::move(list));
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(1s);
  bench.runner.run_now(bench.runtimes[1]);
  bench.clock.advance(1s);
  ASSERT_EQ(waiting->runs, 0) << "it waits for room";
  bench.runner.run_by(bench.runtimes[1], bench.clock.now() + 20s);
  bench.clock.stall(1h);
  EXPECT_EQ(waiting->runs, 1);
  bench.runner.run_now(bench.runtimes[1]);
  bench.clock.advance({});
  EXPECT_EQ(waiting->runs, 2) << "what is asked for now is run";
}

// A check that waits for its group is removed, and others move to its index.
TEST(Groups, AReloadThatRemovesAWaitingCheckRunsNothingInItsPlace) {
  Grouped group(1, 4);
  group.bench.clock.advance(5s);
  ASSERT_EQ(group.begun(), 1);
  std::vector<Check> kept;
  for (std::size_t i = 0; i < 4; ++i) {
    const Check& check = *group.bench.runtimes[i].definition;
    if (group.watched[i]->runs > 0 || i == 3) kept.push_back(check);
  }
  Check late = probed_check("z", 60s, 10s);
  auto other = ScriptedProbe::answering(Finding::pass());
  late.probe = other;
  kept.push_back(late);
  auto list = checklist_of(kept);
  list->groups.push_back({"database", 1});
  const std::size_t members = kept.size() - 1;
  group.bench.use(std::move(list));
  group.bench.clock.advance(5min);
  int removed = 0;
  for (const auto& probe : group.watched) removed += probe->runs == 0 ? 1 : 0;
  EXPECT_EQ(removed, static_cast<int>(4 - members)) << "what was removed never runs";
  EXPECT_NEAR(other->runs, 5, 1) << "it keeps its own schedule and has no group";
  for (const auto& runtime : group.bench.runtimes)
    EXPECT_NE(runtime->record.last, nullptr) << runtime->id();
}

TEST(Groups, AReloadWithoutGroupsRunsWhatWaited) {
  Grouped group(1, 4);
  group.bench.clock.advance(5s);
  std::vector<Check> checks;
  for (const auto& runtime : group.bench.runtimes) {
    checks.push_back(*runtime->definition);
    checks.back().group.reset();
  }
  group.bench.use(checklist_of(std::move(checks)));
  group.bench.clock.advance(1ms);
  EXPECT_EQ(group.begun(), 4);
}

TEST(Groups, AWaitingRunIsNotLate) {
  Grouped group(1, 4);
  group.bench.clock.advance(30s);
  EXPECT_LT(group.bench.runner.lateness().worst_recently(group.bench.clock.now()), 1s);
}

}  // namespace
}  // namespace gonogo
