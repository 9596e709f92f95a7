// Checks that look when asked, and checks that share a target.
#include <gtest/gtest.h>

#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

Check on_demand_check(std::string id) {
  Check check = probed_check(std::move(id), 1h, 5s);
  check.on_demand = true;
  check.stale_after = 24h;
  return check;
}

TEST(OnDemand, LooksWhenAskedAndAtNoOtherTime) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  bench.watch({on_demand_check("write")}, {probe});
  bench.clock.advance(48h);
  EXPECT_EQ(probe->runs, 0);
  EXPECT_FALSE(bench.go()) << "what was never looked at is never good";
  EXPECT_FALSE(bench.runner.next_run(0));
  bench.runner.run_now(0);
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

TEST(OnDemand, AskedDuringALookItLooksOnceMore) {
  Bench bench;
  auto probe = ScriptedProbe::hanging();
  bench.watch({on_demand_check("write")}, {probe});
  bench.runner.run_now(0);
  bench.clock.advance(1s);
  bench.runner.run_now(0);
  bench.runner.run_now(0);
  bench.clock.advance(5s);
  EXPECT_EQ(probe->runs, 2);
}

struct Grouped {
  explicit Grouped(std::size_t most, int members) {
    std::vector<Check> checks;
    std::vector<std::shared_ptr<Probe>> probes;
    for (int i = 0; i < members; ++i) {
      checks.push_back(probed_check("c" + std::to_string(i), 60s, 10s));
      checks.back().group = 0;
      watched.push_back(ScriptedProbe::hanging());
      probes.push_back(watched.back());
    }
    auto list = checklist_of(std::move(checks));
    list->groups.push_back({"database", most});
    bench.board.apply(list);
    bench.runner.start(list, probes, std::vector<bool>(static_cast<std::size_t>(members), false));
    for (const auto& probe : probes)
      bench.watched.push_back(std::dynamic_pointer_cast<ScriptedProbe>(probe));
  }
  int begun() const {
    int runs = 0;
    for (const auto& probe : watched) runs += probe->runs;
    return runs;
  }
  Bench bench;
  std::vector<std::shared_ptr<ScriptedProbe>> watched;
};

TEST(Groups, NoMoreThanTheCapLookAtOnce) {
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

TEST(Groups, AWaitingLookIsNotLate) {
  Grouped group(1, 4);
  group.bench.clock.advance(30s);
  EXPECT_LT(group.bench.runner.lateness().worst_recently(group.bench.clock.now()), 1s);
}

}  // namespace
}  // namespace gonogo
