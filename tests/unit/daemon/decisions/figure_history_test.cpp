#include "daemon/decisions/figure_history.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/checklists.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class FigureHistoryTest : public testing::Test {
 protected:
  FigureHistoryTest() {
    FigureRule rule;
    rule.check = "a";
    rule.value = "size";
    rules.push_back(rule);
    history.follow(rules, *list);
  }
  bool see(double size) {
    Observation seen(Finding::pass());
    seen.measure("size", size, "bytes");
    seen.at.wall = now;
    return history.take(rules, list->checks[0], seen);
  }
  std::optional<double> baseline() const {
    const auto baselines = history.baselines();
    const auto found = baselines.figures.find("a/size");
    return found == baselines.figures.end() ? std::nullopt : std::optional(found->second.baseline);
  }
  // What a later process knows.
  std::optional<double> baseline_after(Duration down) {
    FigureHistory later;
    later.follow(rules, *list);
    later.restore(history.text(), *list,
                  now + std::chrono::duration_cast<std::chrono::microseconds>(down));
    history = later;
    return baseline();
  }

  std::vector<FigureRule> rules;
  std::shared_ptr<Checklist> list = checklist_of({probed_check("a", 30s, 5s)});
  WallTime now{24h * 20'000};
  FigureHistory history;
};

TEST_F(FigureHistoryTest, TheMiddleOfTheLastTwentyNumbersIsTheBaseline) {
  EXPECT_FALSE(baseline());
  for (int i = 0; i < 1000; ++i) see(i < 980 ? 1000 : i - 980);
  EXPECT_EQ(baseline(), 10);
  EXPECT_LT(history.text().size(), 2000U);
}

TEST_F(FigureHistoryTest, WhatIsNoNumberIsPassedOver) {
  EXPECT_FALSE(see(std::nan("")));
  EXPECT_FALSE(see(INFINITY));
  EXPECT_FALSE(baseline());
}

TEST_F(FigureHistoryTest, NumbersOfTheLastHourSurviveARestart) {
  see(7);
  EXPECT_EQ(baseline_after(59min), 7);
  EXPECT_FALSE(baseline_after(61min));
}

TEST_F(FigureHistoryTest, ACheckThatRunsSeldomIsRememberedForTwentyIntervals) {
  list->checks[0].interval = 1h;
  see(7);
  EXPECT_EQ(baseline_after(20h), 7);
  EXPECT_FALSE(baseline_after(20h + 1s));
}

TEST_F(FigureHistoryTest, ACheckThatRunsOnDemandIsRememberedWhileItsResultCounts) {
  list->checks[0].on_demand = true;
  list->checks[0].stale_after = 24h;
  see(7);
  EXPECT_EQ(baseline_after(24h), 7);
  EXPECT_FALSE(baseline_after(24h + 1s));
}

TEST_F(FigureHistoryTest, NumbersFromTheFutureOrOfAnotherDefinitionDoNotCount) {
  see(7);
  const FigureHistory before = history;
  EXPECT_FALSE(baseline_after(-1s));
  history = before;
  list->checks[0].fingerprint = "f2";
  EXPECT_FALSE(baseline_after(1s));
  history = before;
  history.follow(rules, *list);
  EXPECT_FALSE(baseline()) << "neither after a reload";
}

TEST_F(FigureHistoryTest, ATextOfAnotherKindIsPassedOver) {
  for (const char* text :
       {"", "x", "[]", "7", R"({"a/size":7})", R"({"a/size":{"fingerprint":"f1","last":[7]}})"}) {
    history.restore(text, *list, now);
    EXPECT_FALSE(baseline()) << text;
  }
}

}  // namespace
}  // namespace gonogo
