#include "tests/support/kernel_bench.h"

namespace gonogo {
namespace {

// The process before ended without having saved all that it knew: it may have seen a failure.
class UncleanEndTest : public KernelEvidenceTest {
 protected:
  UncleanEndTest() {
    adjust = [](Config& config) {
      auto list = std::make_shared<Checklist>(*config.checklist);
      run_seldom(*list);
      list->checks[0].debounce.fall = 3;
      config.checklist = list;
    };
    start();
    pass_time(1min);
  }
  void crash() {
    process.reset();
    ASSERT_TRUE(std::filesystem::remove(scratch.path("gonogo.db.closed")));
    start(1s);
  }
  bool is_marked() { return std::filesystem::exists(scratch.path("gonogo.db.closed")); }
};

TEST_F(UncleanEndTest, ItsPassCountsUntilTheRunAtOnceHasAnswered) {
  crash();
  EXPECT_EQ(state(), CheckState::pass);
  pass_time(1ms);
  EXPECT_EQ(state(), CheckState::pass);
  target->up = false;
  run();
  EXPECT_EQ(state(), CheckState::pass) << "it has passed in this process, and three decide";
}

TEST_F(UncleanEndTest, AFailureDecidesAtOnce) {
  target->up = false;
  crash();
  pass_time(1ms);
  EXPECT_EQ(state(), CheckState::fail);
  start(1s);
  EXPECT_EQ(state(), CheckState::fail);
}

TEST_F(UncleanEndTest, AnOrderlyEndLeavesItToTheRules) {
  target->up = false;
  start(1s);
  run();
  EXPECT_EQ(state(), CheckState::pass) << "one of three";
}

TEST_F(UncleanEndTest, ARunThatCannotJudgeLeavesNothingGood) {
  target->says = Finding::unknown(Reason::prober, "no free worker");
  crash();
  pass_time(1ms);
  EXPECT_EQ(state(), CheckState::pending);
  pass_time(1min);
  EXPECT_EQ(state(), CheckState::pending);
  start(1s);
  EXPECT_EQ(state(), CheckState::pending) << "nor for a later process";
  target->says.reset();
  run();
  EXPECT_EQ(state(), CheckState::pass);
}

TEST_F(UncleanEndTest, AfterAnOrderlyOneARunThatCannotJudgeChangesNothing) {
  target->says = Finding::unknown(Reason::prober, "no free worker");
  start(1s);
  run();
  EXPECT_EQ(state(), CheckState::pass);
}

TEST_F(UncleanEndTest, AReloadConfirmsNothing) {
  target->up = false;
  process.reset();
  ASSERT_TRUE(std::filesystem::remove(scratch.path("gonogo.db.closed")));
  start(1s);
  process->put_in_force();
  pass_time(1ms);
  EXPECT_EQ(state(), CheckState::fail);
}

TEST_F(UncleanEndTest, AnEndBeforeTheRunsAnsweredDoesNotMakeGoodForIt) {
  for (int i = 0; i < 3; ++i) {
    crash();
    process->kernel.runner().stop();
    process.reset();
    EXPECT_FALSE(is_marked()) << i;
    start(1s);
    EXPECT_FALSE(process->store->was_closed_well());
    pass_time(1ms);
    process.reset();
    EXPECT_TRUE(is_marked()) << "all were judged";
    start(1s);
    EXPECT_TRUE(process->store->was_closed_well());
  }
}

TEST_F(UncleanEndTest, AProcessThatNeverServesLeavesItAsItWas) {
  const Now now = process->clock.both();
  const auto pass_by = [&] {
    return Store(scratch.path("gonogo.db"), 90 * 24h, now).was_closed_well();
  };
  process.reset();
  EXPECT_TRUE(pass_by());
  EXPECT_TRUE(is_marked());
  ASSERT_TRUE(std::filesystem::remove(scratch.path("gonogo.db.closed")));
  EXPECT_FALSE(pass_by());
  EXPECT_FALSE(is_marked());
}

}  // namespace
}  // namespace gonogo
