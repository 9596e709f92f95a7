#include "daemon/core/debounce.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace gonogo {
namespace {

constexpr Outcome P = Outcome::pass;
constexpr Outcome W = Outcome::warn;
constexpr Outcome F = Outcome::fail;
constexpr Outcome U = Outcome::unknown;
constexpr Outcome S = Outcome::skipped;

struct Case {
  const char* name;
  DebounceRule rule;
  std::vector<Outcome> seen;
  Readiness expected;
  bool undecided;
};

class DebounceTest : public testing::TestWithParam<Case> {};

TEST_P(DebounceTest, SettlesAfterEnoughInARow) {
  Debounce debounce(GetParam().rule);
  for (const Outcome outcome : GetParam().seen) debounce.feed(outcome);
  EXPECT_EQ(debounce.readiness(), GetParam().expected);
  EXPECT_EQ(debounce.is_undecided(), GetParam().undecided);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, DebounceTest,
    testing::Values(
        Case{"Nothing", {1, 1}, {}, Readiness::undecided, false},
        Case{"OnePass", {1, 1}, {P}, Readiness::good, false},
        Case{"WarnIsAPass", {1, 1}, {W}, Readiness::good, false},
        Case{"OneFailure", {1, 1}, {P, F}, Readiness::bad, false},
        Case{"FirstFailureOfANeverPassedDecides", {2, 3}, {F}, Readiness::bad, false},
        Case{"FirstFailureAfterATooShortRowDecides", {2, 3}, {P, F}, Readiness::bad, false},
        Case{"TwoOfThreeFailures", {1, 3}, {P, F, F}, Readiness::good, true},
        Case{"ThreeOfThreeFailures", {1, 3}, {P, F, F, F}, Readiness::bad, false},
        Case{"APassBreaksTheRow", {1, 3, 3}, {P, F, F, P, F, F}, Readiness::good, true},
        Case{"UnknownBreaksNothing", {1, 3}, {P, F, U, F, U, F}, Readiness::bad, false},
        Case{"UnknownAlone", {1, 1}, {U, U}, Readiness::undecided, false},
        Case{"UnknownKeepsGood", {1, 1}, {P, U, U}, Readiness::good, false},
        Case{"OneOfTwoPasses", {2, 1}, {P}, Readiness::undecided, true},
        Case{"TwoOfTwoPasses", {2, 1}, {P, P}, Readiness::good, false},
        Case{"BackUpNeedsTheRow", {2, 1}, {P, P, F, P}, Readiness::bad, true}),
    [](const auto& test) { return std::string(test.param.name); });

// `failures: N` among the last `of: M` runs.
INSTANTIATE_TEST_SUITE_P(
    Window, DebounceTest,
    testing::Values(
        Case{"InTurn", {1, 2}, {P, F, P, F}, Readiness::bad, false},
        Case{"InTurnFromTheFirstFailureOn", {1, 2}, {P, P, P, F, P, F}, Readiness::bad, false},
        Case{"OneOfThreeIsTooFew", {1, 2}, {P, F, P, P, F, P, P}, Readiness::good, false},
        Case{"ByDefaultTheWindowIsTwiceAsLongLessOne",
             {1, 3},
             {P, F, P, F, P, F},
             Readiness::bad,
             false},
        Case{"AFailureThatLeftTheWindowIsForgotten",
             {1, 3},
             {P, F, P, P, F, P, F},
             Readiness::good,
             true},
        Case{"AWiderWindow", {1, 3, 7}, {P, F, P, P, F, P, F}, Readiness::bad, false},
        Case{"AWindowOfNIsInARow", {1, 2, 2}, {P, F, P, F, P, F, P, F}, Readiness::good, true},
        Case{"OneFailureDecidesWithoutAWindow", {1, 1, 10}, {P, F, P}, Readiness::good, false},
        Case{"UnknownIsNoRun", {1, 2}, {P, F, U, U, U, P, U, F}, Readiness::bad, false},
        Case{"WarnIsAPassInTheWindowToo", {1, 2}, {P, F, W, F}, Readiness::bad, false},
        Case{"SkippedForgetsTheWindow", {1, 2}, {P, F, S, P, F}, Readiness::good, true},
        Case{"GoodAgainWhenTheWindowIs", {1, 2}, {P, F, P, F, P}, Readiness::good, false},
        Case{"NotGoodBeforeTheWindowIs", {1, 2, 4}, {P, F, P, F, P}, Readiness::bad, true},
        Case{"GoodWhenTheWindowIs", {1, 2, 4}, {P, F, P, F, P, P}, Readiness::good, false},
        Case{"AndEnoughInARow", {3, 2}, {P, P, P, F, P, F, P, P}, Readiness::bad, true},
        Case{"AndEnoughInARowIsGood", {3, 2}, {P, P, P, F, P, F, P, P, P}, Readiness::good, false},
        Case{"ARowThatDecidedAsksForNoWindow", {1, 2, 10}, {P, F, F, P}, Readiness::good, false},
        Case{"FailuresAfterTheWindowDecidedCountInIt",
             {1, 2, 4},
             {P, F, P, F, F, P, P},
             Readiness::bad,
             true},
        Case{"AFirstFailureAsksForNoWindow", {1, 3, 10}, {F, P}, Readiness::good, false},
        Case{"AndCountsInIt", {1, 2}, {F, P, F}, Readiness::bad, false}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Debounce, ATargetThatAnswersAndFailsInTurnIsNotGoodForEver) {
  Debounce debounce({.rise = 1, .fall = 2});
  int bad = 0;
  for (int run = 0; run < 22; ++run) {
    debounce.feed(run % 2 == 0 ? Outcome::pass : Outcome::fail);
    bad += debounce.readiness() == Readiness::bad ? 1 : 0;
  }
  EXPECT_GE(bad, 10);
}

// The rule, said with the whole history at hand.
class SlowDebounce {
 public:
  explicit SlowDebounce(DebounceRule rule) : rule_(rule) {}
  void feed(Outcome outcome, bool decides_at_once) {
    if (outcome == Outcome::unknown) return;
    if (outcome == Outcome::skipped) {
      *this = SlowDebounce(rule_);
      return;
    }
    history_.push_back(outcome == Outcome::fail);
    if (outcome == Outcome::fail) {
      const bool first = row(true) >= rule_.fall || !has_passed() || decides_at_once;
      const bool second = failures() >= rule_.fall;
      if (readiness != Readiness::bad && (first || second)) {
        readiness = Readiness::bad;
        second_decided_ = !first;
      }
    } else if (row(false) >= rule_.rise && (!second_decided_ || failures() < rule_.fall)) {
      readiness = Readiness::good;
      second_decided_ = false;
    }
  }
  Readiness readiness = Readiness::undecided;

 private:
  bool has_passed() const { return readiness == Readiness::good; }
  int row(bool failed) const {
    int count = 0;
    for (auto run = history_.rbegin(); run != history_.rend() && *run == failed; ++run) ++count;
    return count;
  }
  int failures() const {
    const std::size_t window = rule_.of > 0 ? rule_.of : 2 * rule_.fall - 1;
    const std::size_t from = history_.size() > window ? history_.size() - window : 0;
    int count = 0;
    for (std::size_t i = from; i < history_.size(); ++i) count += history_[i] ? 1 : 0;
    return count;
  }
  DebounceRule rule_;
  std::vector<bool> history_;
  bool second_decided_ = false;
};

TEST(Debounce, FollowsTheRuleOnAnyRowOfOutcomes) {
  std::mt19937 random(32);
  std::array<int, 3> reached{};
  for (int round = 0; round < 5'000; ++round) {
    DebounceRule rule{1 + static_cast<int>(random() % 3), 1 + static_cast<int>(random() % 4)};
    if (random() % 2 == 0) rule.of = rule.fall + static_cast<int>(random() % 6);
    Debounce debounce(rule);
    SlowDebounce slow(rule);
    const unsigned failing = 1 + random() % 9;
    for (int run = 0; run < 60; ++run) {
      const bool fails = random() % 10 < failing;
      Outcome outcome = fails ? F : random() % 8 == 0 ? W : P;
      if (random() % 12 == 0) outcome = U;
      if (random() % 40 == 0) outcome = S;
      const bool at_once = random() % 50 == 0;
      debounce.feed(outcome, at_once);
      slow.feed(outcome, at_once);
      ASSERT_EQ(debounce.readiness(), slow.readiness) << "round " << round << ", run " << run;
      ++reached.at(static_cast<std::size_t>(slow.readiness));
      // A restart in between changes nothing.
      if (random() % 20 == 0) debounce = Debounce(rule, debounce.state());
      const int window = rule.window();
      ASSERT_LE(debounce.state().recent.size(), static_cast<std::size_t>(window));
      // What is said of the way back is so.
      Debounce ahead = debounce;
      const int wanted = ahead.passes_wanted();
      for (int pass = 0; pass < wanted; ++pass) {
        ASSERT_NE(ahead.readiness(), Readiness::good);
        ahead.feed(P);
      }
      ASSERT_EQ(ahead.readiness(), Readiness::good);
    }
  }
  for (const int count : reached) EXPECT_GT(count, 1'000);
}

TEST(Debounce, ReloadsKeepWhatWasCounted) {
  Debounce debounce({.rise = 1, .fall = 3});
  for (const Outcome outcome : {P, F, P, F}) debounce.feed(outcome);
  Debounce narrower({.rise = 1, .fall = 2}, debounce.state());
  EXPECT_EQ(narrower.readiness(), Readiness::good) << "no run has decided it yet";
  narrower.feed(F);
  EXPECT_EQ(narrower.readiness(), Readiness::bad);
  Debounce wider({.rise = 1, .fall = 3, .of = 9}, debounce.state());
  for (const Outcome outcome : {P, P, P, F}) wider.feed(outcome);
  EXPECT_EQ(wider.readiness(), Readiness::bad) << "the failures from before the reload count";
}

TEST(Debounce, RemembersNoMoreThanItsWindowAndNothingOfPasses) {
  Debounce debounce({.rise = 1, .fall = 1000, .of = 1'000'000});
  for (int run = 0; run < 10'000; ++run) debounce.feed(run % 2 == 0 ? P : F);
  EXPECT_LE(debounce.state().recent.size(), static_cast<std::size_t>(Debounce::most_runs));
  Debounce steady({.rise = 1, .fall = 1000});
  for (int run = 0; run < 10'000; ++run) steady.feed(P);
  EXPECT_TRUE(steady.state().recent.empty());
}

TEST(Debounce, WhatCannotBeSeenAgainDecidesAtOnce) {
  Debounce debounce({.rise = 1, .fall = 3});
  debounce.feed(Outcome::pass);
  debounce.feed(Outcome::fail, true);
  EXPECT_EQ(debounce.readiness(), Readiness::bad);
}

}  // namespace
}  // namespace gonogo
