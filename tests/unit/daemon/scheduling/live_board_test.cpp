#include "daemon/scheduling/live_board.h"

#include <gtest/gtest.h>

#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(LiveBoard, TheVerdictChangesAtTheInstantAResultLapses) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  Check check = probed_check("a", 30s, 5s);
  bench.watch({check}, {probe});
  bench.clock.advance(1s);
  ASSERT_TRUE(bench.go());
  const SteadyTime seen_at = bench.last(0).at.steady;
  bench.runner.stop();
  bench.clock.advance(seen_at + 65s - bench.clock.now());
  EXPECT_TRUE(bench.go());
  bench.clock.advance(1ns);
  EXPECT_FALSE(bench.go());
  EXPECT_EQ(bench.verdicts.back(), false) << "without anybody asking";
}

TEST(LiveBoard, AnsweringNeverServesWhatHasLapsedDuringAStall) {
  Bench bench;
  bench.watch({probed_check("a", 30s, 5s)}, {ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(1s);
  ASSERT_TRUE(bench.go());
  bench.runner.stop();
  bench.clock.advance(10s);
  EXPECT_TRUE(bench.go());
  // Time passes and no timer is called: only asking can find out.
  bench.clock.pass_unnoticed(120s);
  EXPECT_FALSE(bench.go());
}

TEST(LiveBoard, AStepOfTheWallClockIsJudgedAtOnce) {
  Bench bench;
  auto list = checklist_of({probed_check("a", 30s, 5s)});
  const WallTime freeze_from = bench.clock.wall() + 1h;
  list->calendar.freezes.push_back({freeze_from, freeze_from + 1h, "freeze"});
  list->checks[0].probe = ScriptedProbe::answering(Finding::pass());
  bench.use(list);
  bench.clock.advance(1s);
  ASSERT_TRUE(bench.go());
  bench.clock.set_wall_ahead(90min);
  EXPECT_FALSE(bench.go());
  bench.clock.set_wall_ahead(-90min);
  EXPECT_TRUE(bench.go());
}

TEST(LiveBoard, AReloadWithoutChangesKeepsTheVerdictAndItsAge) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  bench.watch({probed_check("a")}, {probe});
  bench.clock.advance(1s);
  const auto before = bench.board.verdict();
  ASSERT_TRUE(before->go);
  bench.clock.advance(10s);
  bench.watch({probed_check("a")}, {probe});
  const auto after = bench.board.verdict();
  EXPECT_NE(after->checklist, before->checklist);
  EXPECT_TRUE(after->go);
  EXPECT_EQ(after->since, before->since);
  EXPECT_EQ(bench.verdicts, (std::vector<bool>{false, true})) << "nobody was called for the reload";
}

TEST(LiveBoard, OnlyAChangeIsReported) {
  Bench bench;
  bool up = true;
  auto probe = std::make_shared<ScriptedProbe>(
      [&up] { return up ? Finding::pass() : Finding::fail(Reason::status, "500"); });
  bench.watch({probed_check("a", 10s)}, {probe});
  bench.clock.advance(60s);
  EXPECT_EQ(bench.verdicts, (std::vector<bool>{false, true}));
  up = false;
  bench.clock.advance(60s);
  EXPECT_EQ(bench.verdicts, (std::vector<bool>{false, true, false}));
}

TEST(LiveBoard, AStatusHoldsItsCheckAndItsRecord) {
  Bench bench;
  bench.watch({probed_check("a"), probed_check("b")},
              {ScriptedProbe::answering(Finding::pass("up")), ScriptedProbe::hanging()});
  bench.clock.advance(1s);
  const auto snapshot = bench.board.latest();
  EXPECT_EQ(snapshot->checks[0].check, &snapshot->checklist->checks[0]);
  EXPECT_EQ(snapshot->checks[0].record.last->summary, "up");
  EXPECT_FALSE(snapshot->checks[1].record.last);
}

TEST(LiveBoard, WhatIfAsksForAnotherReleaseAndChangesNothing) {
  Bench bench;
  Check lead;
  lead.id = "lead";
  lead.kind = "signoff";
  lead.signoff = SignoffRule{"lead", {}, true, 1};
  bench.use(checklist_of({lead}));
  bench.board.change([&](Board& board) {
    board.release = "v1";
    board.signoffs.push_back({"lead", "A. Lead", "lead", "", "v1", bench.clock.wall()});
  });
  EXPECT_TRUE(bench.go());
  EXPECT_FALSE(bench.board.if_release_were("v2").go);
  EXPECT_TRUE(bench.go());
  EXPECT_EQ(bench.board.release(), "v1");
}

// Two gates whose checks pass or fail as is said.
class TwoGates {
 public:
  explicit TwoGates(Bench& bench) : bench_(bench) { use(); }
  void use() {
    auto list = std::make_shared<Checklist>();
    for (std::size_t i = 0; i < 2; ++i) {
      list->gates.push_back({i == 0 ? "a" : "b", "Gate", {i}});
      Check check = probed_check(i == 0 ? "check-a" : "check-b", 5s, 1s);
      check.gate = i;
      check.probe = std::make_shared<ScriptedProbe>(
          [&up = up.at(i)] { return up ? Finding::pass() : Finding::fail(Reason::status, "500"); });
      list->checks.push_back(std::move(check));
    }
    bench_.use(list);
  }
  WallTime since(std::size_t gate) { return bench_.board.verdict()->gates.at(gate).since; }
  std::array<bool, 2> up{true, true};

 private:
  Bench& bench_;
};

TEST(LiveBoard, AGateHasASinceOfItsOwn) {
  Bench bench;
  TwoGates gates(bench);
  bench.clock.advance(20s);
  ASSERT_TRUE(bench.go());
  const WallTime a = gates.since(0);
  const WallTime b = gates.since(1);
  gates.up[1] = false;
  bench.clock.advance(20s);
  ASSERT_FALSE(bench.go());
  EXPECT_EQ(gates.since(0), a) << "another gate changed";
  EXPECT_GT(gates.since(1), b);
  EXPECT_EQ(bench.board.verdict()->since, gates.since(1));
  gates.up[1] = true;
  gates.use();
  bench.clock.advance(20s);
  ASSERT_TRUE(bench.go());
  EXPECT_EQ(gates.since(0), a) << "nor does a reload change it";
  gates.up[0] = false;
  bench.clock.advance(20s);
  EXPECT_GT(gates.since(0), a);
}

TEST(LiveBoard, ClosingTheCalendarChangesEveryGate) {
  Bench bench;
  TwoGates gates(bench);
  bench.clock.advance(20s);
  const WallTime a = gates.since(0);
  auto list = std::make_shared<Checklist>(bench.board.checklist());
  list->calendar.freezes.push_back({bench.clock.wall() + 5s, bench.clock.wall() + 10s, "freeze"});
  bench.use(list);
  EXPECT_EQ(gates.since(0), a);
  bench.clock.advance(5s);
  EXPECT_EQ(gates.since(0), bench.clock.wall());
  bench.clock.advance(5s);
  EXPECT_EQ(gates.since(0), bench.clock.wall());
}

TEST(LiveBoard, TheSinceOfAGateOutlivesTheProcess) {
  Bench bench;
  FormerVerdicts former;
  const WallTime long_ago = bench.clock.wall() - 1h;
  former.whole = {false, long_ago};
  former.gates["a"] = {false, long_ago};
  former.gates["b"] = {true, long_ago};
  bench.board.restore_verdicts(former);
  TwoGates gates(bench);
  EXPECT_EQ(bench.board.verdict()->since, long_ago);
  EXPECT_EQ(gates.since(0), long_ago);
  EXPECT_EQ(gates.since(1), bench.clock.wall()) << "it was another verdict";
}

TEST(LiveBoard, ThatWhatHeldAResultIsOverShowsAtOnce) {
  Bench bench;
  std::array<bool, 2> up{true, true};
  std::vector<std::shared_ptr<Probe>> probes;
  for (bool& is_up : up)
    probes.push_back(std::make_shared<ScriptedProbe>(
        [&is_up] { return is_up ? Finding::pass() : Finding::fail(Reason::status, "500"); }));
  Check above = probed_check("above", 1h, 5s);
  above.debounce = {.rise = 1, .fall = 2, .of = 2};
  above.retry_interval = 1h;
  Check below = probed_check("below", 1h, 5s);
  below.depends_on = {0};
  bench.watch({above, below}, probes);
  bench.clock.advance(10s);
  ASSERT_TRUE(bench.go());
  const auto run = [&](std::size_t index, bool passes) {
    up.at(index) = passes;
    bench.runner.run_now(bench.runtimes[index]);
    bench.clock.advance(1ms);
  };
  run(0, false);
  run(1, false);
  EXPECT_TRUE(bench.board.verdict()->checks[1].held_for);
  run(0, true);
  EXPECT_EQ(bench.state(1), CheckState::fail) << "the check above has passed";
  run(1, true);
  run(0, false);
  run(0, false);
  EXPECT_EQ(bench.state(1), CheckState::blocked);
  run(0, true);
  EXPECT_TRUE(bench.board.verdict()->checks[1].awaits_run);
  run(1, true);
  EXPECT_EQ(bench.state(1), CheckState::pass);
}

}  // namespace
}  // namespace gonogo
