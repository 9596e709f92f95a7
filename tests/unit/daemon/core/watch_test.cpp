#include "daemon/core/watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "daemon/core/judge.h"
#include "daemon/core/text.h"
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
  void see(Outcome outcome, Duration after, std::optional<double> size = 10) {
    Observation observation(
        Finding(outcome, outcome == Outcome::pass ? Reason::none : Reason::status, "seen"));
    if (size) observation.measure("size", *size, "bytes");
    observation.at = moment(after);
    take(record, list->checks[0], std::make_shared<const Observation>(observation));
  }
  static Now moment(Duration after) { return {start + after, WallTime{} + 24h * 20'000}; }
  Conclusion concluded(Duration after) {
    Snapshot snapshot = judge(list, {record}, board, moment(after));
    if (judged) snapshot.checks[0].state = *judged;
    if (judged) snapshot.checks[0].good = false;
    return conclude(deployment, rule, snapshot, times, start + after);
  }
  // It is waited for, and at last nothing is proven; never is it a regression.
  void expect_missing(const std::string& finding) {
    EXPECT_EQ(concluded(10min).status, DeploymentStatus::watching) << finding;
    const Conclusion last = concluded(20min);
    ASSERT_EQ(last.status, DeploymentStatus::unproven) << finding;
    EXPECT_EQ(std::count(last.findings.begin(), last.findings.end(), finding), 1)
        << finding << ", not " << joined(last.findings);
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
  Board board;
  std::optional<CheckState> judged;  // what others make of the check
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
    EXPECT_EQ(std::count(last.findings.begin(), last.findings.end(), finding), 1)
        << finding << ", not " << joined(last.findings);
  };
  see(Outcome::pass, 9min + 55s);
  list->checks[0].stale_after = 1h;
  deployment.samples["a"] = 1;
  is_unproven("a: 1 sample, wanted 2");
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

TEST_F(WatchTest, AFailureThatIsNotDecidedIsNoEvidenceForADeploy) {
  list->checks[0].debounce.fall = 3;
  list->checks[0].stale_after = 1h;
  record = empty_record(list->checks[0], {start, WallTime{}});
  see(Outcome::pass, 9min + 40s);
  see(Outcome::fail, 9min + 50s);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::watching);
  see(Outcome::fail, 9min + 54s);
  see(Outcome::unknown, 9min + 55s);
  expect_missing("a: its last 2 runs failed, which is not decided (3 decide): seen");
  const CheckRecord undecided = record;
  see(Outcome::pass, 9min + 58s);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified) << "decided by a pass";
  record = undecided;
  see(Outcome::fail, 9min + 58s);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::regressed) << "decided by the third";
}

TEST_F(WatchTest, AFailedRunIsNoSample) {
  Observation failed(Finding::fail(Reason::status, "seen"));
  failed.at.steady = start + 5min;
  take_sample(deployment, rule, list->checks[0], failed, times);
  EXPECT_EQ(deployment.samples["a"], 2);
  take_sample(deployment, rule, list->checks[0], sized(10, 5min), times);
  EXPECT_EQ(deployment.samples["a"], 3);
}

TEST_F(WatchTest, EvidenceReachesToTheEndOfTheWindow) {
  list->checks[0].stale_after = 1h;
  record = empty_record(list->checks[0], {start, WallTime{}});
  // Watched, it runs every 15 seconds, and takes up to 5.
  see(Outcome::pass, 9min + 25s);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified);
  EXPECT_EQ(concluded(10min + 1s).status, DeploymentStatus::watching);
  see(Outcome::unknown, 9min + 59s);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified) << "one run without an answer";
  record = empty_record(list->checks[0], {start, WallTime{}});
  see(Outcome::pass, 9min + 24s);
  see(Outcome::unknown, 9min + 59s);
  expect_missing(
      "a: its last result is 10m36s old, wanted at most 35s while it is watched; last run: seen");
}

TEST_F(WatchTest, WhatIsNotGoodByJudgementIsNotVerified) {
  list->checks[0].stale_after = 1h;
  for (const CheckState state :
       {CheckState::blocked, CheckState::pending, CheckState::fail, CheckState::stale}) {
    judged = state;
    EXPECT_EQ(concluded(10min).status, DeploymentStatus::watching) << name_of(state);
    EXPECT_EQ(concluded(20min).status, DeploymentStatus::unproven) << name_of(state);
    EXPECT_EQ(concluded(20min).findings.at(1), "a is " + std::string(name_of(state)));
  }
  judged.reset();
  see(Outcome::warn, 9min + 55s);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified) << "a warning is good";
}

TEST_F(WatchTest, AWaiverForAMissingSignOffIsEnoughAndForAFailureIsNot) {
  list->checks[0].signoff = SignoffRule{"lead", {}, false, 1};
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::watching) << "nobody signed";
  Waiver waiver;
  waiver.check = "a";
  waiver.from = moment({}).wall;
  waiver.until = waiver.from + 24h;
  board.waivers.push_back(waiver);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified);
  see(Outcome::fail, 9min + 55s);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::regressed) << "by its own results";
}

TEST_F(WatchTest, WhatRunsOnlyWhenAskedIsNotWatched) {
  list->checks[0].on_demand = true;
  list->checks[0].stale_after = 1h;
  rule.figures.clear();
  deployment.figures.clear();
  expect_missing("a runs only when asked");
}

TEST_F(WatchTest, AFigureIsMeasuredUntilTheEnd) {
  list->checks[0].stale_after = 1h;
  deployment.samples.clear();
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified);
  const WatchRule whole = rule;
  rule.figures.clear();
  expect_missing("a/size is no longer a figure of the watch");
  rule = whole;
  const CheckRecord measured = record;
  see(Outcome::pass, 9min + 55s, std::nullopt);
  expect_missing("a/size: no number in the last run");
  record = measured;
  see(Outcome::skipped, 9min + 55s);
  expect_missing("a/size: a is disabled");
  record = empty_record(list->checks[0], {start, WallTime{}});
  expect_missing("a/size: a has no new result yet");
  see(Outcome::pass, 5min);
  expect_missing("a/size: a: its last result is 15m old, wanted at most 35s while it is watched");
  list->checks[0].on_demand = true;
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified) << "it counts while it is fresh";
  list->checks[0].on_demand = false;
  list->checks[0].id = "b";
  expect_missing("a/size: a is no longer a check");
}

TEST_F(WatchTest, AFigureThatIsOutOfBoundsTooFewTimesIsNotDecided) {
  list->checks[0].stale_after = 1h;
  rule.figures[0].in_a_row = 3;
  for (const Duration after : {9min + 50s, 9min + 55s}) {
    see(Outcome::pass, after, 21);
    take_sample(deployment, rule, list->checks[0], sized(21, after), times);
  }
  const Deployment undecided = deployment;
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::watching);
  see(Outcome::pass, 9min + 58s, 20);
  take_sample(deployment, rule, list->checks[0], sized(20, 9min + 58s), times);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified);
  deployment = undecided;
  take_sample(deployment, rule, list->checks[0], sized(21, 9min + 59s), times);
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::regressed);
  rule.figures[0].max_ratio = 3;
  EXPECT_EQ(concluded(10min).status, DeploymentStatus::verified) << "by the rule in force";
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
