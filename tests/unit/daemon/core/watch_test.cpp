#include "daemon/core/watch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/support/checklists.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime start{100h};

// One watched check "a" with a figure "a/size", judged at a moment after the start of its deploy.
class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    rule.settle = 1min;
    rule.min_samples = 2;
    FigureRule figure;
    figure.check = "a";
    figure.value = "size";
    figure.max_ratio = 2;
    rule.figures.push_back(figure);
    deployment.watch = 10min;
    deployment.samples["a"] = 2;
    deployment.figures["a/size"] = {10, 10, 0};
    list = checklist_of({probed_check("a", 30s, 5s)});
    see(Outcome::pass, 9min + 50s);
  }

  // The last run of the check, begun so long after the start.
  void see(Outcome outcome, Duration after) {
    const Now at{start + after, WallTime{} + 24h * 20'000};
    take(record, list->checks[0], seen(outcome, at));
  }
  Conclusion concluded(Duration after) {
    Snapshot snapshot;
    snapshot.checklist = list;
    snapshot.checks.resize(1);
    snapshot.checks[0].check = &list->checks[0];
    snapshot.checks[0].record = record;
    return conclude(deployment, rule, snapshot, times, start + after);
  }
  Observation sized(double size, Duration after) {
    Observation observation(Finding::pass());
    observation.measure("size", size, "bytes");
    observation.at.steady = start + after;
    return observation;
  }

  WatchRule rule;
  WatchTimes times{start, start};
  Deployment deployment;
  std::shared_ptr<Checklist> list;
  CheckRecord record = empty_record(probed_check("a"), {start, WallTime{}});
};

TEST_F(WatchTest, WithEvidenceOfEverythingItIsVerifiedAtTheEnd) {
  EXPECT_EQ(concluded(10min - 1ns).status, DeploymentStatus::watching);
  EXPECT_EQ(concluded(10min - 1ns).ask_again, start + 10min);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified);
}

TEST_F(WatchTest, OnlyAFreshFailureThatCountsIsARegression) {
  record = empty_record(list->checks[0], {start, WallTime{}});
  see(Outcome::fail, 59s);
  EXPECT_EQ(concluded(1min + 20s).status, DeploymentStatus::watching) << "it had not settled";
  see(Outcome::fail, 1min);
  EXPECT_EQ(concluded(1min + 20s).status, DeploymentStatus::regressed);
  times.resumed = start + 1min + 1s;
  EXPECT_EQ(concluded(1min + 20s).status, DeploymentStatus::watching) << "from before a pause";
  EXPECT_EQ(concluded(20min).status, DeploymentStatus::unproven) << "and stale by now";
}

TEST_F(WatchTest, APassBeforeEnoughOfThemIsNoFailure) {
  list->checks[0].debounce.rise = 2;
  record = empty_record(list->checks[0], {start, WallTime{}});
  see(Outcome::fail, 30s);
  see(Outcome::pass, 1min + 10s);
  EXPECT_EQ(concluded(1min + 20s).status, DeploymentStatus::watching);
}

TEST_F(WatchTest, AHoldForFlappingWhileItSettledIsNoRegression) {
  record.held_until = start + 1h;
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::watching);
  EXPECT_EQ(concluded(20min).status, DeploymentStatus::unproven);
}

TEST_F(WatchTest, WhatIsMissingEndsAsUnproven) {
  const auto is_unproven = [this](const char* finding) {
    EXPECT_EQ(concluded(10min).status, DeploymentStatus::watching) << finding;
    const Conclusion last = concluded(20min);
    EXPECT_EQ(last.status, DeploymentStatus::unproven) << finding;
    ASSERT_GE(last.findings.size(), 2U) << finding;
    EXPECT_EQ(last.findings[1], finding);
  };
  see(Outcome::pass, 9min + 55s);
  list->checks[0].stale_after = 1h;
  deployment.samples["a"] = 1;
  is_unproven("a: 1 samples, wanted 2");
  deployment.samples["a"] = 2;
  deployment.figures["a/size"].last.reset();
  is_unproven("a/size: no sample");
  deployment.figures["a/size"].last = 10;
  times.resumed = start + 9min + 56s;
  is_unproven("a has no new result yet");
  times.resumed = start;
  see(Outcome::skipped, 9min + 57s);
  is_unproven("a is disabled");
  deployment.samples = {{"gone", 9}};
  is_unproven("gone is no longer a check");
}

TEST_F(WatchTest, AFigureOutOfBoundsIsARegressionAndNoNumberIsNone) {
  take_sample(deployment, rule, list->checks[0], sized(std::nan(""), 2min), times);
  EXPECT_EQ(concluded(3min).status, DeploymentStatus::watching);
  take_sample(deployment, rule, list->checks[0], sized(20, 2min), times);
  EXPECT_EQ(concluded(3min).status, DeploymentStatus::watching);
  take_sample(deployment, rule, list->checks[0], sized(21, 59s), times);
  EXPECT_EQ(concluded(3min).status, DeploymentStatus::watching) << "it had not settled";
  Deployment other = deployment;
  take_sample(deployment, rule, list->checks[0], sized(21, 2min), times);
  EXPECT_EQ(concluded(3min).status, DeploymentStatus::regressed);
  forget_figures(deployment);
  EXPECT_EQ(concluded(3min).status, DeploymentStatus::watching) << "not since the pause";
  deployment = other;
  const double infinity = std::numeric_limits<double>::infinity();
  take_sample(deployment, rule, list->checks[0], sized(infinity, 2min), times);
  EXPECT_EQ(concluded(3min).status, DeploymentStatus::regressed);
}

TEST_F(WatchTest, APauseMovesTheEnd) {
  times = {start + 5min, start + 8min};
  EXPECT_EQ(concluded(10min).ask_again, start + 15min);
  see(Outcome::pass, 14min + 55s);
  EXPECT_EQ(concluded(15min).status, DeploymentStatus::verified);
}

}  // namespace
}  // namespace gonogo
