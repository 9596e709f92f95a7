// What is evidence for a deploy, and for how long it is.
#include "daemon/decisions/deploy_watch.h"
#include "tests/support/process.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

// Time is noted at least this often while a deploy is watched.
constexpr Duration note_every = 5s;

// A figure of an advisory check that is not watched itself.
class FigureOfAnotherTest : public DeployTest {
 protected:
  FigureOfAnotherTest() {
    rule.figures[0].check = "other";
    adjust = [this](Config& config) {
      Check check = probed_check("other", interval, 5s);
      check.severity = Severity::advisory;
      check.probe = std::make_shared<TargetProbe>(other);
      auto list = std::make_shared<Checklist>(*config.checklist);
      list->gates[0].checks.push_back(2);
      list->checks.push_back(check);
      config.checklist = list;
    };
    start();
    begin();
    pass_time(5min);
  }
  void remove_other() {
    auto list = std::make_shared<Checklist>(*process->config.checklist);
    list->gates[0].checks.pop_back();
    list->checks.pop_back();
    process->config.checklist = list;
  }
  DeploymentStatus after_the_window() {
    pass_time(25min + note_every);
    return process->deployment().status;
  }
  std::vector<std::string> findings_at_last() {
    pass_time(30min);
    EXPECT_EQ(process->deployment().status, DeploymentStatus::unproven);
    return process->deployment().findings;
  }

  using Findings = std::vector<std::string>;
  std::shared_ptr<Target> other = std::make_shared<Target>();
  Duration interval = 30s;
};

TEST_F(FigureOfAnotherTest, IsEvidenceWhileItIsMeasured) {
  EXPECT_EQ(after_the_window(), DeploymentStatus::verified);
}

// Its check is run as often as the watched ones.
TEST_F(FigureOfAnotherTest, IsMeasuredHoweverSeldomItsCheckRunsElse) {
  for (const bool is_more : {false, true}) {
    interval = 24h;
    other->restarts = 3;
    start();
    pass_time(24h);
    other->restarts = is_more ? 4 : 3;
    begin(is_more ? "v3" : "v2");
    EXPECT_EQ((pass_time(5min), after_the_window()),
              is_more ? DeploymentStatus::regressed : DeploymentStatus::verified);
  }
}

TEST_F(DeployTest, AReloadEndsNoSoonerRuns) {
  begin();
  pass_time(5min);
  redefine(0, [](Check& check) { check.interval = 24h; });
  target->up = false;
  pass_time(5min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
}

TEST_F(FigureOfAnotherTest, IsMeasuredThoughItsCheckFails) {
  other->up = false;
  EXPECT_EQ(after_the_window(), DeploymentStatus::verified);
}

TEST_F(FigureOfAnotherTest, IsMissingWhileItsCheckIsDisabled) {
  other->says = Finding::skipped("not now");
  EXPECT_EQ(after_the_window(), DeploymentStatus::watching);
  EXPECT_EQ(findings_at_last(),
            (Findings{"not enough evidence", "other/restarts: other is disabled"}));
}

TEST_F(FigureOfAnotherTest, IsMissingAfterItsCheckIsRemoved) {
  remove_other();
  process->put_in_force();
  EXPECT_EQ(after_the_window(), DeploymentStatus::watching);
  EXPECT_EQ(findings_at_last(),
            (Findings{"not enough evidence", "other/restarts: other is no longer a check"}));
}

TEST_F(FigureOfAnotherTest, IsMissingAfterItIsRemovedWithItsRule) {
  remove_other();
  process->config.deploying.watch.figures.clear();
  process->put_in_force();
  EXPECT_EQ(after_the_window(), DeploymentStatus::watching);
  EXPECT_EQ(findings_at_last(),
            (Findings{"not enough evidence", "other/restarts is no longer a figure of the watch"}));
}

TEST_F(FigureOfAnotherTest, ThatWasDisabledForAWhileIsEvidence) {
  other->says = Finding::skipped("not now");
  pass_time(10min);
  other->says.reset();
  pass_time(15min + note_every);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

// By its check alone, for a figure is compared with what another definition measured.
class DefinitionTest : public DeployTest {
 protected:
  DefinitionTest() {
    rule.figures.clear();
    start();
    begin();
    pass_time(29min + 50s);
  }
  int samples() { return process->deployment().samples.at("api"); }
  void expect_begun_anew() {
    EXPECT_LE(samples(), 1);
    pass_time(30s);
    EXPECT_EQ(process->deployment().status, DeploymentStatus::watching) << "of 5 samples";
    pass_time(2min);
    EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
  }
};

TEST_F(DefinitionTest, SamplesOfAFormerOneDoNotCount) {
  redefine(0, [](Check& check) { check.fingerprint = "another"; });
  expect_begun_anew();
}

TEST_F(DefinitionTest, SamplesDoNotCountAgainWhenTheFormerOneReturns) {
  redefine(0, [](Check& check) { check.fingerprint = "another"; });
  redefine(0, [](Check& check) { check.fingerprint = "f1"; });
  expect_begun_anew();
}

TEST_F(DefinitionTest, SamplesDoNotCountAgainWhenTheCheckReturns) {
  const auto list = process->config.checklist;
  process->config.checklist = checklist_of({probed_check("other"), list->checks[1]});
  process->put_in_force();
  process->config.checklist = list;
  process->put_in_force();
  expect_begun_anew();
}

TEST_F(DefinitionTest, SamplesOfAFormerOneDoNotCountAfterARestart) {
  adjust = [](Config& config) {
    auto list = std::make_shared<Checklist>(*config.checklist);
    list->checks[0].fingerprint = "another";
    config.checklist = list;
  };
  start();
  expect_begun_anew();
}

TEST_F(DefinitionTest, WhatDoesNotChangeWhatResultsMeanKeepsTheSamples) {
  const int before = samples();
  redefine(0, [](Check& check) {
    check.title = "another";
    check.severity = Severity::advisory;
    check.stale_after = 1h;
  });
  EXPECT_EQ(samples(), before);
  start();
  EXPECT_EQ(samples(), before);
  pass_time(10s + 2 * note_every);
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, SamplesOfAFormerReleaseDoNotCount) {
  rule.figures.clear();
  adjust = [](Config& config) {
    auto list = std::make_shared<Checklist>(*config.checklist);
    list->checks[0].is_of_release = true;
    config.checklist = list;
  };
  start();
  pass_time(2min);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  begin();
  pass_time(29min + 50s);
  EXPECT_GE(process->deployment().samples.at("api"), 5);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v2")));
  pass_time(1s);
  EXPECT_LE(process->deployment().samples.at("api"), 1) << "it began anew with the release";
  pass_time(30s);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(2min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, OneThatFailedOnceAndPassesAgainIsVerified) {
  redefine(0, [](Check& check) { check.debounce.fall = 3; });
  begin();
  pass_time(29min);
  target->up = false;
  pass_time(16s);
  target->up = true;
  pass_time(44s + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::verified);
}

TEST_F(DeployTest, AnUndecidedFailureIsWaitedForUntilItIsDecided) {
  redefine(0, [](Check& check) { check.debounce.fall = 4; });
  begin();
  pass_time(29min + 45s);
  target->up = false;
  pass_time(15s + tick);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::watching);
  pass_time(1min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
}

}  // namespace
}  // namespace gonogo
