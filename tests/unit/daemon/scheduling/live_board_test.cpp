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

}  // namespace
}  // namespace gonogo
