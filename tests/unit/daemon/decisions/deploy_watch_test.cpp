#include "daemon/decisions/deploy_watch.h"

#include "tests/support/process.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

TEST_F(DeployTest, OneThatHoldsIsVerifiedWhenItsWindowIsOver) {
  begin();
  pass_time(29min + 59s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(1s + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
  EXPECT_GE(process->deployment().samples.at("api"), 5);
}

TEST_F(DeployTest, OneThatRegressesInMinuteTwelveIsCalledWithinOneInterval) {
  begin();
  pass_time(12min);
  target->up = false;
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(process->deployment().findings,
            std::vector<std::string>{"api fails: connection refused"});
}

TEST_F(DeployTest, AFigureThatLeavesItsBoundsIsARegressionThoughEveryCheckPasses) {
  begin();
  pass_time(12min);
  target->restarts = 4;
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(process->deployment().findings,
            std::vector<std::string>{"api/restarts is 4, wanted at most 3 (before the deploy: 3)"});
  EXPECT_TRUE(process->board.verdict()->go) << "the verdict is about the checks";
}

TEST_F(DeployTest, NothingIsHeldAgainstItBeforeItHasSettled) {
  begin();
  target->up = false;
  pass_time(1min + 50s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  target->up = true;
  pass_time(29min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, ARestartInTheMiddleChangesNeitherEnd) {
  begin();
  pass_time(10min);
  const int samples = process->deployment().samples.at("api");
  start(5min);
  ASSERT_TRUE(process->board.deployment());
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  EXPECT_EQ(process->deployment().samples.at("api"), samples);
  EXPECT_EQ(process->deployment().figures.at("api/restarts").baseline, 3);
  pass_time(15min - 1s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(1s + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);

  begin("v2");
  pass_time(10min);
  start(1min);
  pass_time(1min);
  target->up = false;
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  start();
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
}

TEST_F(DeployTest, AWallClockThatIsSetEndsNoWatch) {
  begin();
  pass_time(5min);
  process->clock.set_wall_ahead(2h);
  pass_time(5min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  process->clock.set_wall_ahead(-4h);
  pass_time(20min + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, WithoutEnoughEvidenceItIsNeverVerified) {
  rule.min_samples = 2000;  // more than fit
  start();
  begin();
  pass_time(30min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching) << "waited for";
  pass_time(30min + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(process->deployment().findings.front(), "not enough evidence");
}

TEST_F(DeployTest, TheNextDeployEndsTheWatchOfTheOneBefore) {
  begin();
  pass_time(5min);
  begin("v2");
  EXPECT_EQ(process->deployment().version, "v2");
  ASSERT_TRUE(process->has_written("deployment-ended"));
  const auto list = process->store->deployments(10);
  ASSERT_TRUE(list);
  EXPECT_NE(list->find("superseded"), std::string::npos) << *list;
}

TEST_F(DeployTest, WatchedChecksAreRunMoreOften) {
  begin();
  pass_time(3min);
  const auto before = process->runtimes[0].record.runs;
  pass_time(5min);
  const auto after = process->runtimes[0].record.runs;
  EXPECT_GE(after[0] - before[0], 18U) << "every 15 s instead of every 30";
}

TEST_F(DeployTest, AReloadInTheMiddleChangesNeitherEndNorSample) {
  begin();
  pass_time(10min);
  const int samples = process->deployment().samples.at("api");
  process->put_in_force();
  EXPECT_EQ(process->deployment().samples.at("api"), samples);
  pass_time(19min + 59s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(1s + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, TheBaselineStandsWhileItIsWatched) {
  begin();
  target->restarts = 2;
  pass_time(10min);
  EXPECT_EQ(process->watch.baselines().figures.at("api/restarts").baseline, 3);
}

TEST_F(DeployTest, AFigureWithoutNumbersIsMissingFromTheBaselines) {
  EXPECT_EQ(process->watch.baselines().missing, std::vector<std::string>{"api/restarts"});
  pass_time(2min);
  EXPECT_TRUE(process->watch.baselines().missing.empty());
  EXPECT_FALSE(process->watch.tightened(*process->runtimes[0].definition)) << "nothing is watched";
}

TEST_F(DeployTest, ARegressionRunsTheHookAndWritesDownHowItEnded) {
  const auto hook = ScriptedProbe::answering(Finding::pass("rolled back with super-secret"));
  process->redactor.hide("super-secret");
  process->config.deploying.on_regressed = hook;
  process->put_in_force();
  begin();
  pass_time(5min);
  target->up = false;
  pass_time(1min);
  EXPECT_EQ(hook->runs, 1);
  ASSERT_TRUE(process->has_written("hook"));
  const auto audit = process->store->audit_page(0, 1000);
  EXPECT_NE(audit->find("rolled back"), std::string::npos) << *audit;
  EXPECT_EQ(audit->find("super-secret"), std::string::npos) << *audit;
}

}  // namespace
}  // namespace gonogo
