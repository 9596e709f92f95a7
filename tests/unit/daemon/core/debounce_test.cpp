#include "daemon/core/debounce.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

constexpr Outcome P = Outcome::pass;
constexpr Outcome W = Outcome::warn;
constexpr Outcome F = Outcome::fail;
constexpr Outcome U = Outcome::unknown;

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
        Case{"APassBreaksTheRow", {1, 3}, {P, F, F, P, F, F}, Readiness::good, true},
        Case{"UnknownBreaksNothing", {1, 3}, {P, F, U, F, U, F}, Readiness::bad, false},
        Case{"UnknownAlone", {1, 1}, {U, U}, Readiness::undecided, false},
        Case{"UnknownKeepsGood", {1, 1}, {P, U, U}, Readiness::good, false},
        Case{"OneOfTwoPasses", {2, 1}, {P}, Readiness::undecided, true},
        Case{"TwoOfTwoPasses", {2, 1}, {P, P}, Readiness::good, false},
        Case{"BackUpNeedsTheRow", {2, 1}, {P, P, F, P}, Readiness::bad, true}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Debounce, WhatCannotBeSeenAgainDecidesAtOnce) {
  Debounce debounce({.rise = 1, .fall = 3});
  debounce.feed(Outcome::pass);
  debounce.feed(Outcome::fail, true);
  EXPECT_EQ(debounce.readiness(), Readiness::bad);
}

}  // namespace
}  // namespace gonogo
