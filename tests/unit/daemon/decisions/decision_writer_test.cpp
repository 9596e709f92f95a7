#include "daemon/decisions/decision_writer.h"

#include "tests/support/disk_test.h"

namespace gonogo {
namespace {

TEST_F(DiskTest, ADecisionThatIsSavedAfterItsCallerGaveUpTakesEffect) {
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
  const Decided decided = decide_while_it_hangs(process->desk.withdraw(lead, "lead"));
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().status, 503);
  EXPECT_EQ(decided.error().text.find("not done"), std::string::npos) << decided.error().text;
  EXPECT_NE(decided.error().text.find("not known yet"), std::string::npos) << decided.error().text;
  EXPECT_EQ(process->board.signoffs().size(), 1U);
  thaw();
  EXPECT_TRUE(process->board.signoffs().empty()) << "as the audit has it";
}

TEST_F(DiskTest, EachKindOfDecisionTakesEffectThoughItsCallerGaveUp) {
  EXPECT_FALSE(decide_while_it_hangs(process->desk.announce(ci, "v1")));
  thaw();
  EXPECT_EQ(process->board.release(), "v1");
  EXPECT_FALSE(decide_while_it_hangs(process->desk.sign(lead, {"lead", "", "", ""})));
  thaw();
  EXPECT_EQ(process->board.signoffs().size(), 1U);
  EXPECT_FALSE(decide_while_it_hangs(process->desk.waive(lead, {"api", "known", 1h, {}, false})));
  thaw();
  EXPECT_EQ(process->board.waivers().size(), 1U);
  EXPECT_FALSE(decide_while_it_hangs(process->desk.end_waiver(lead, "api")));
  thaw();
  EXPECT_TRUE(process->board.waivers().empty());
}

// Whoever was answered 503 has deployed nothing.
TEST_F(DiskTest, ADeployWhoseCallerGaveUpIsNotWatched) {
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
  DeployRequest request;
  request.version = "v1";
  request.watch = 30min;
  const Decided decided = decide_while_it_hangs(process->desk.deploy(ci, request));
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().status, 503);
  thaw();
  EXPECT_FALSE(process->board.deployment());
  EXPECT_TRUE(process->has_written("deployment-ended"));
  start();
  EXPECT_FALSE(process->board.deployment());
}

TEST_F(DiskTest, ADecisionThatCouldNotBeWrittenHasNoEffect) {
  disk.fill();
  const Decided decided = process->decide(process->desk.sign(lead, {"lead", "", "", ""}));
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().status, 503);
  EXPECT_NE(decided.error().text.find("not done"), std::string::npos) << decided.error().text;
  disk.fill(false);
  thaw();
  EXPECT_TRUE(process->board.signoffs().empty());
  start();
  EXPECT_TRUE(process->board.signoffs().empty());
}

}  // namespace
}  // namespace gonogo
