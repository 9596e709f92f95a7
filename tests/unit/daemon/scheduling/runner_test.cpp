#include "daemon/scheduling/runner.h"

#include <gtest/gtest.h>

#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Runner, LooksAtEachCheckOnItsOwnSchedule) {
  Bench bench;
  auto quick = ScriptedProbe::answering(Finding::pass());
  auto slow = ScriptedProbe::answering(Finding::pass());
  bench.watch({probed_check("quick", 10s), probed_check("slow", 60s)}, {quick, slow});
  bench.clock.advance(10min);
  EXPECT_NEAR(quick->runs, 60, 2);
  EXPECT_NEAR(slow->runs, 10, 2);
  EXPECT_TRUE(bench.go());
}

TEST(Runner, FailsAHangingProbeAtItsDeadline) {
  Bench bench;
  bench.watch({probed_check("db", 10s, 2s)}, {ScriptedProbe::hanging()});
  bench.clock.advance(2100ms);
  EXPECT_EQ(bench.last(0).reason, Reason::timeout);
  EXPECT_EQ(bench.last(0).summary, "no answer within 2s at connect");
  EXPECT_EQ(bench.last(0).took, 2s);
}

TEST(Runner, StartsNoSecondLookWhileOneIsStillRunning) {
  Bench bench;
  auto probe = ScriptedProbe::stubborn();
  bench.watch({probed_check("mount", 10s, 2s)}, {probe});
  bench.clock.advance(35s);
  EXPECT_EQ(probe->runs, 1);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_EQ(bench.last(0).summary, "previous look still running");
  probe->release();
  bench.clock.advance(10s);
  EXPECT_EQ(probe->runs, 2) << "it goes on when the first has unwound";
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

TEST(Runner, WhatAProbeThrowsBecomesAFailureAtItsStage) {
  Bench bench;
  bench.watch({probed_check("a")}, {ScriptedProbe::throwing("went\nwrong")});
  bench.clock.advance(1s);
  EXPECT_EQ(bench.last(0).outcome, Outcome::fail);
  EXPECT_EQ(bench.last(0).summary, "connect: went\\nwrong");
}

TEST(Runner, OurOwnLackOfDescriptorsIsNotTheTargetsFault) {
  Bench bench;
  auto probe = std::make_shared<ScriptedProbe>([]() -> Finding {
    throw boost::system::system_error(EMFILE, boost::system::system_category());
  });
  bench.watch({probed_check("a")}, {probe});
  bench.clock.advance(1s);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_EQ(bench.last(0).reason, Reason::prober);
  EXPECT_FALSE(bench.go());
}

TEST(Runner, AHeldUpDaemonBlamesNoTarget) {
  Bench bench;
  bench.watch({probed_check("a", 30s, 5s)}, {ScriptedProbe::hanging()});
  bench.clock.advance(100ms);
  bench.clock.stall(60s);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_EQ(bench.last(0).reason, Reason::prober);
}

TEST(Runner, AfterAStallThereIsOneLookNotForty) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  bench.watch({probed_check("a", 10s)}, {probe});
  bench.clock.advance(20s);
  const int before = probe->runs;
  bench.clock.stall(400s);
  EXPECT_EQ(probe->runs, before + 1);
  EXPECT_GT(bench.runner.lateness().worst_recently(bench.clock.now()), 300s);
}

TEST(Runner, LooksSoonerWhileUndecided) {
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

TEST(Runner, ReloadKeepsScheduleStateAndTheLookUnderWay) {
  Bench bench;
  auto probe = ScriptedProbe::hanging();
  bench.watch({probed_check("a", 30s, 5s), probed_check("b")},
              {probe, ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(1s);
  const auto due = bench.runner.next_run(0);
  bench.watch(
      {probed_check("b"), probed_check("a", 30s, 5s)},
      {ScriptedProbe::answering(Finding::pass()), ScriptedProbe::answering(Finding::pass())});
  EXPECT_EQ(bench.runner.next_run(1), due);
  EXPECT_EQ(bench.state(0), CheckState::pass) << "b was seen before the reload";
  probe->release();
  bench.clock.advance(1ms);
  EXPECT_EQ(bench.state(1), CheckState::pass) << "the look under way still counts";
}

TEST(Runner, AResultOfAFormerConfigurationDoesNotCount) {
  Bench bench;
  auto probe = ScriptedProbe::hanging();
  Check changed = probed_check("a", 30s, 5s);
  bench.watch({changed}, {probe});
  bench.clock.advance(1s);
  changed.fingerprint = "f2";
  bench.watch({changed}, {ScriptedProbe::hanging()});
  probe->release();
  bench.clock.advance(1ms);
  EXPECT_EQ(bench.observations, 0);
  EXPECT_FALSE(bench.go());
}

TEST(Runner, LookNowLooksAtOnceOrRightAfterTheOneUnderWay) {
  Bench bench;
  auto probe = ScriptedProbe::answering(Finding::pass());
  auto busy = ScriptedProbe::hanging();
  bench.watch({probed_check("a", 1h), probed_check("b", 1h)}, {probe, busy});
  bench.clock.advance(1s);
  bench.runner.run_now(0);
  bench.runner.run_now(1);
  bench.clock.advance(1ms);
  EXPECT_EQ(probe->runs, 2);
  EXPECT_EQ(busy->runs, 1);
  busy->release();
  bench.clock.advance(1ms);
  EXPECT_EQ(busy->runs, 2);
}

TEST(LiveBoard, TheVerdictTurnsAtTheInstantAResultLapses) {
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
  const auto before = bench.board.verdict();
  // No timer runs: only the asking itself can find out.
  boost::asio::io_context other;
  bench.clock.advance(10s);
  EXPECT_TRUE(bench.go());
  bench.clock.stall(120s);
  EXPECT_FALSE(bench.go());
}

TEST(LiveBoard, AStepOfTheWallClockIsJudgedAtOnce) {
  Bench bench;
  auto list = checklist_of({probed_check("a", 30s, 5s)});
  const WallTime freeze_from = bench.clock.wall() + 1h;
  list->calendar.freezes.push_back({freeze_from, freeze_from + 1h, "freeze"});
  bench.board.apply(list);
  bench.runner.start(list, {ScriptedProbe::answering(Finding::pass())}, {false});
  bench.clock.advance(1s);
  ASSERT_TRUE(bench.go());
  bench.clock.set_wall_ahead(90min);
  EXPECT_FALSE(bench.go());
  bench.clock.set_wall_ahead(-90min);
  EXPECT_TRUE(bench.go());
}

}  // namespace
}  // namespace gonogo
