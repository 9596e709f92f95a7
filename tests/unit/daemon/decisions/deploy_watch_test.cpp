#include "daemon/decisions/deploy_watch.h"

#include "tests/support/process.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

// Time is noted at least this often while a deploy is watched.
constexpr Duration note_every = 5s;

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

TEST_F(DeployTest, ARestartInTheMiddleOnlyMovesItsEndByTheDowntime) {
  begin();
  pass_time(10min);
  const int samples = process->deployment().samples.at("api");
  start(5min);
  ASSERT_TRUE(process->board.deployment());
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  EXPECT_EQ(process->deployment().samples.at("api"), samples);
  EXPECT_EQ(process->deployment().figures.at("api/restarts").baseline, 3);
  pass_time(20min - 1s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  const auto moved = end_of_watch(process->deployment()) - process->deployment().started - 30min;
  EXPECT_GE(moved, 5min);
  EXPECT_LE(moved, 5min + note_every) << "what it saw last may not have been saved";
  pass_time(2 * note_every);
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
  EXPECT_EQ(process->deployment().status, DeploymentStatus::unproven);
  EXPECT_EQ(process->deployment().findings.front(), "not enough evidence");
  EXPECT_EQ(endings_of(DeploymentStatus::unproven), 1U);
  EXPECT_EQ(endings_of(DeploymentStatus::regressed), 0U);
}

TEST_F(DeployTest, ADaemonThatWasDownForLongerThanTheWatchGoesOnWatching) {
  const auto hook = use_hook();
  begin();
  pass_time(5min);
  target->up = false;  // while it is down
  start(3h);
  process->config.deploying.on_regressed = hook;
  process->put_in_force();
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  target->up = true;
  pass_time(20min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(10min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
  EXPECT_EQ(hook->runs, 0);
}

TEST_F(DeployTest, AFailureThatIsSeenAfterTheDowntimeIsARegression) {
  begin();
  pass_time(5min);
  start(3h);
  target->up = false;
  pass_time(1min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
}

TEST_F(DeployTest, AFailureThatWasStoredDecidesNothingBeforeTheCheckRunsAgain) {
  begin();
  pass_time(1min);
  target->up = false;  // it settles for two minutes
  pass_time(40s);
  start(30s);
  EXPECT_EQ(process->board.verdict()->checks[0].state, CheckState::fail) << "the stored one";
  target->up = true;
  pass_time(31min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

// A window is watched, not slept through, however short it is.
class ShortWindowTest : public DeployTest, public testing::WithParamInterface<Duration> {
 protected:
  ShortWindowTest() {
    rule = {};
    rule.settle = 0s;
    rule.min_samples = 1;
    adjust = [](Config& config) {
      auto list = std::make_shared<Checklist>(*config.checklist);
      list->checks[0].interval = 1s;
      list->checks[0].timeout = 1s;
      list->checks[1].signoff = SignoffRule{"lead", {}, false, 1};
      config.checklist = list;
    };
    start();
    pass_time(2min);
    EXPECT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
    DeployRequest request;
    request.version = "v1";
    request.watch = GetParam();
    EXPECT_TRUE(process->decide(process->desk.deploy(ci, request)));
  }
  void stall(Duration span) {
    process->clock.stall(span);
    elapsed += span;
  }
};

TEST_P(ShortWindowTest, AStallOfMoreThanAQuarterOfItIsAPause) {
  pass_time(GetParam() / 10);
  const Duration stalled = std::min<Duration>(GetParam() / 2, 16s);
  stall(stalled);
  EXPECT_GE(process->deployment().paused, stalled);
  pass_time(GetParam() * 9 / 10 - GetParam() / 20);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(GetParam() / 4 + 2s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_P(ShortWindowTest, WithoutAStallThereIsNoPause) {
  pass_time(GetParam() + 2s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
  EXPECT_EQ(process->deployment().paused, Duration::zero());
}

INSTANTIATE_TEST_SUITE_P(Windows, ShortWindowTest,
                         testing::Values(Duration{2s}, Duration{10s}, Duration{40s},
                                         Duration{10min}));

TEST_F(DeployTest, TimeInWhichItWasSuspendedCountsForNothing) {
  const auto hook = use_hook();
  begin();
  pass_time(10min);
  process->clock.stall(5h);
  elapsed += 5h;
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(19min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(1min + note_every);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
  EXPECT_EQ(hook->runs, 0);
}

// What is missing is no regression: the watch waits for it, and then nothing is proven.
struct Missing {
  const char* name;
  std::function<void(Process&, Target&)> happens;
};

// Puts another definition of the watched check in force.
Check& changed(Process& process) {
  auto list = std::make_shared<Checklist>(*process.config.checklist);
  process.config.checklist = list;
  return list->checks[0];
}

class MissingEvidenceTest : public DeployTest, public testing::WithParamInterface<Missing> {};

TEST_P(MissingEvidenceTest, EndsAsUnprovenAndRunsNoHook) {
  const auto hook = use_hook();
  begin();
  pass_time(12min);
  GetParam().happens(*process, *target);
  pass_time(18min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching) << "it is waited for";
  pass_time(30min + note_every);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::unproven);
  EXPECT_EQ(hook->runs, 0);
}

INSTANTIATE_TEST_SUITE_P(
    Table, MissingEvidenceTest,
    testing::Values(
        Missing{
            "removed",
            [](Process& process, Target&) {
              Check other = probed_check("other", 30s, 5s);
              other.probe = process.config.checklist->checks[0].probe;
              process.config.checklist = checklist_of({other, process.config.checklist->checks[1]});
              process.put_in_force();
            }},
        Missing{"disabled",
                [](Process&, Target& target) { target.says = Finding::skipped("not now"); }},
        Missing{"unknown",
                [](Process&, Target& target) {
                  target.says = Finding::unknown(Reason::prober, "cannot look");
                }},
        Missing{"unknown_and_stale_much_later",
                [](Process& process, Target& target) {
                  changed(process).stale_after = 24h;
                  process.put_in_force();
                  target.says = Finding::unknown(Reason::prober, "cannot look");
                }},
        Missing{"failing_and_undecided",
                [](Process& process, Target& target) {
                  changed(process).debounce.fall = 1000;
                  process.put_in_force();
                  target.up = false;
                }},
        Missing{"blocked",
                [](Process& process, Target&) {
                  Check parent = probed_check("parent", 30s, 5s);
                  parent.severity = Severity::advisory;
                  parent.probe =
                      ScriptedProbe::answering(Finding::fail(Reason::missing, "not there"));
                  changed(process).depends_on = {2};
                  auto list = std::make_shared<Checklist>(*process.config.checklist);
                  list->gates[0].checks.push_back(2);
                  list->checks.push_back(parent);
                  process.config.checklist = list;
                  process.put_in_force();
                }},
        Missing{"on_demand",
                [](Process& process, Target&) {
                  Check& check = changed(process);
                  check.on_demand = true;
                  check.stale_after = 24h;
                  process.put_in_force();
                }},
        Missing{"without_the_rule_of_a_figure",
                [](Process& process, Target&) {
                  process.config.deploying.watch.figures.clear();
                  process.put_in_force();
                }},
        Missing{"without_the_number_of_a_figure",
                [](Process&, Target& target) { target.says = Finding::pass("no number"); }},
        Missing{"a_figure_out_of_bounds_and_undecided",
                [](Process& process, Target& target) {
                  process.config.deploying.watch.figures[0].in_a_row = 1000;
                  process.put_in_force();
                  target.restarts = 4;
                }},
        Missing{"a_figure_of_another_definition",
                [](Process& process, Target& target) {
                  changed(process).fingerprint = "another";
                  process.put_in_force();
                  target.restarts = 4;  // with which the former number does not compare
                }}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(DeployTest, WhatIsMissingForAWhileIsWaitedFor) {
  begin();
  pass_time(20min);
  target->says = Finding::unknown(Reason::prober, "cannot look");
  pass_time(20min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  target->says.reset();
  pass_time(1min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, BaselinesSurviveARestart) {
  pass_time(5min);
  start(1min);
  EXPECT_TRUE(process->watch.baselines().missing.empty());
  EXPECT_EQ(process->watch.baselines().figures.at("api/restarts").baseline, 3);
  start(2h);
  EXPECT_FALSE(process->watch.baselines().missing.empty()) << "too old to compare with";
}

TEST_F(DeployTest, ANumberOfAnotherDefinitionIsNoBaseline) {
  pass_time(5min);
  auto list = std::make_shared<Checklist>(*process->config.checklist);
  list->checks[0].fingerprint = "another";
  process->config.checklist = list;
  process->put_in_force();
  EXPECT_FALSE(process->watch.baselines().missing.empty());
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
