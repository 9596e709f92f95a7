// What a check says while one that it depends on is about to fail.
#include "daemon/core/dependencies.h"

#include "daemon/store/record_json.h"
#include "tests/support/dependency_bench.h"

namespace gonogo {
namespace {

TEST_F(DependenciesTest, AFailureIsNotShownWhileTheParentIsAboutToFail) {
  begin();
  see(child, Outcome::fail);
  const Snapshot snapshot = judged();
  const CheckStatus& status = snapshot.checks[child];
  EXPECT_EQ(status.state, CheckState::pass);
  EXPECT_EQ(status.held_for, parent);
  EXPECT_EQ(status.since, now.wall - 11s) << "it is what it was";
  EXPECT_NE(words_for(snapshot, child).find("parent is about to fail"), std::string::npos);
  EXPECT_TRUE(snapshot.go);
  EXPECT_EQ(snapshot.valid_until, now.steady - 1s + 3 * 10s + 5s)
      << "failures x retry_interval + timeout after its first failure";
}

TEST_F(DependenciesTest, ThenItIsBlockedIfTheParentFails) {
  begin();
  see(child, Outcome::fail);
  for (int run = 0; run < 2; ++run) {
    pass_time(1s);
    see(parent, Outcome::fail);
  }
  EXPECT_EQ(state(parent), CheckState::fail);
  EXPECT_EQ(state(child), CheckState::blocked);
  EXPECT_FALSE(judged().go);
}

TEST_F(DependenciesTest, ThenItFailsIfTheParentPasses) {
  begin();
  see(child, Outcome::fail);
  see(parent, Outcome::pass);
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(DependenciesTest, ThenItFailsIfTheParentHasNotDecidedInItsTime) {
  begin();
  see(child, Outcome::fail);
  pass_time(34s - 1ns);
  EXPECT_EQ(state_of(child), "pass held");
  pass_time(1ns);
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(DependenciesTest, AWarningStaysAWarning) {
  see(parent, Outcome::pass);
  see(child, Outcome::warn, Reason::threshold);
  pass_time(1s);
  see(parent, Outcome::fail);
  pass_time(1s);
  see(child, Outcome::fail);
  EXPECT_EQ(state_of(child), "warn held");
  EXPECT_EQ(judged().checks[child].reason, Reason::threshold);
}

TEST_F(DependenciesTest, AChildThatNeverPassedIsBlockedMeanwhile) {
  see(parent, Outcome::pass);
  pass_time(1s);
  see(parent, Outcome::fail);
  pass_time(1s);
  see(child, Outcome::fail);
  EXPECT_EQ(state(child), CheckState::blocked);
  EXPECT_EQ(judged().checks[child].cause, parent);
  pass_time(33s);
  see(child, Outcome::fail);
  EXPECT_EQ(state(child), CheckState::blocked);
  pass_time(1s);
  EXPECT_EQ(state(child), CheckState::fail);
}

TEST_F(DependenciesTest, WhatDidNotApplyHasNotPassed) {
  see(parent, Outcome::pass);
  see(child, Outcome::pass);
  see(child, Outcome::skipped);
  pass_time(1s);
  see(parent, Outcome::fail);
  pass_time(1s);
  see(child, Outcome::fail);
  EXPECT_EQ(state(child), CheckState::blocked);
  EXPECT_FALSE(judged().go);
}

TEST_F(DependenciesTest, WhatHasFailedBeforeStaysAFailure) {
  see(parent, Outcome::pass);
  see(child, Outcome::pass);
  pass_time(1s);
  see(child, Outcome::fail);
  pass_time(1s);
  EXPECT_EQ(state_of(child), "fail");
  see(parent, Outcome::fail);
  EXPECT_EQ(state_of(child), "fail") << "NO-GO is not GO again without a pass";
}

TEST_F(DependenciesTest, ASecondDoubtRevivesNothing) {
  begin();
  see(child, Outcome::fail);
  see(parent, Outcome::pass);
  EXPECT_EQ(state_of(child), "fail");
  pass_time(1s);
  see(parent, Outcome::fail);
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(DependenciesTest, APassThatIsTooOldHoldsNothing) {
  list->checks[child].stale_after = 20s;
  begin();
  see(child, Outcome::fail);
  EXPECT_EQ(judged().valid_until, now.steady + 9s + 1ns);
  pass_time(9s);
  EXPECT_EQ(state_of(child), "pass held");
  pass_time(1ns);
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(DependenciesTest, WhatTheNextRunCannotSeeIsNotHeldBack) {
  begin();
  auto once = std::make_shared<Observation>(Finding::fail(Reason::content, "3 lines"));
  once->is_seen_once = true;
  once->at = now;
  take(records[child], list->checks[child], once);
  EXPECT_EQ(state_of(child), "fail");
  records[child] = *record_from_json(to_json(records[child], now), true, now);
  EXPECT_EQ(state_of(child), "fail") << "nor after a restart";
}

TEST_F(DependenciesTest, WhatWasAskedForCountsAsItIs) {
  list->checks[child].on_demand = true;
  begin();
  see(child, Outcome::fail);
  EXPECT_EQ(state_of(child), "fail");
}

TEST_F(DependenciesTest, WhatFlapsIsHeldAtFail) {
  list->checks[child].flapping = FlappingRule{1, 60s};
  begin();
  for (const Outcome outcome : {Outcome::fail, Outcome::pass, Outcome::fail}) see(child, outcome);
  EXPECT_EQ(state_of(child), "fail");
  EXPECT_EQ(judged().checks[child].reason, Reason::flapping);
}

TEST_F(DependenciesTest, ItNeedsItsSignoffWhileItIsHeld) {
  list->checks[child].signoff = SignoffRule{"owner", {}, false, 1};
  begin();
  see(child, Outcome::fail);
  EXPECT_EQ(judged().checks[child].reason, Reason::unsigned_off);
  board.signoffs.push_back({"child", "A", "owner", "", "", now.wall});
  EXPECT_EQ(state_of(child), "pass held");
}

// What is between the child and the check that fails once, and what that makes of the child.
struct Between {
  const char* name;
  const char* held;       // while the check above is about to fail
  const char* recovered;  // when it has failed and recovered
  void (*set)(Checklist& list, Board& board);
};
class BetweenTest : public DependenciesTest, public testing::WithParamInterface<Between> {
 protected:
  // 0: fails; 1: the child; 2: a second one that is good; 3: between them.
  BetweenTest() {
    Check failing = probed_check("failing", 30s, 5s);
    failing.debounce = {.rise = 1, .fall = 3};
    Check between;
    between.id = "between";
    use({failing, probed_check("child", 30s, 5s), probed_check("good", 30s, 5s), between});
    GetParam().set(*list, board);
  }
  void run_all() {
    for (std::size_t i = 0; i < records.size(); ++i) {
      if (list->checks[i].probe) see(i, Outcome::pass);
    }
  }
};

TEST_P(BetweenTest, Holds) {
  begin();
  see(child, Outcome::fail);
  EXPECT_EQ(state_of(child), GetParam().held);
}

TEST_P(BetweenTest, Recovers) {
  run_all();
  for (int run = 0; run < 3; ++run) {
    pass_time(1s);
    see(0, Outcome::fail);
  }
  pass_time(1s);
  see(0, Outcome::pass);
  pass_time(1s);
  EXPECT_EQ(name_of(state(child)), GetParam().recovered);
  see(2, Outcome::pass);
  EXPECT_EQ(name_of(state(child)), GetParam().recovered) << "others cannot say how it is";
  see(child, Outcome::pass);
  EXPECT_EQ(state_of(child), "pass");
}

void give_composite(Checklist& list, int at_least, bool all) {
  list.checks[3].composite = CompositeRule{at_least, all, {{false, 0}, {false, 2}}};
  list.checks[child].depends_on = {3};
}

INSTANTIATE_TEST_SUITE_P(
    Table, BetweenTest,
    testing::Values(
        Between{"nothing", "pass held", "blocked",
                [](Checklist& list, Board&) { list.checks[child].depends_on = {0}; }},
        Between{"an_advisory", "pass held", "blocked",
                [](Checklist& list, Board&) {
                  list.checks[0].severity = Severity::advisory;
                  list.checks[child].depends_on = {0};
                }},
        Between{"another_parent_too", "pass held", "blocked",
                [](Checklist& list, Board&) {
                  list.checks[child].depends_on = {2, 0};
                }},
        Between{"unrelated", "fail", "pass",
                [](Checklist& list, Board&) { list.checks[child].depends_on = {2}; }},
        Between{"a_chain", "pass held", "blocked",
                [](Checklist& list, Board&) {
                  list.checks[2].depends_on = {0};
                  list.checks[child].depends_on = {2, 0};
                }},
        Between{"all_of", "pass held", "blocked",
                [](Checklist& list, Board&) { give_composite(list, 2, true); }},
        Between{"any_of_which_one_is_good", "fail", "pass",
                [](Checklist& list, Board&) { give_composite(list, 1, false); }},
        Between{"a_gate_of_it", "pass held", "blocked",
                [](Checklist& list, Board&) {
                  list.gates.push_back({"h", "H", {0}});
                  list.checks[3].composite = CompositeRule{1, true, {{true, 1}}};
                  list.checks[child].depends_on = {3};
                }},
        Between{"a_gate_where_it_is_advisory", "fail", "pass",
                [](Checklist& list, Board&) {
                  list.gates.push_back({"h", "H", {0, 2}});
                  list.checks[0].severity = Severity::advisory;
                  list.checks[3].composite = CompositeRule{1, true, {{true, 1}}};
                  list.checks[child].depends_on = {3};
                }},
        Between{"a_waived_member", "fail", "pass",
                [](Checklist& list, Board& board) {
                  give_composite(list, 2, true);
                  const WallTime far = WallTime::max() - std::chrono::hours{1};
                  board.waivers.push_back({"failing", "A", "known", {}, WallTime{}, far});
                }},
        Between{"a_waived_parent", "pass held", "blocked",
                [](Checklist& list, Board& board) {
                  list.checks[child].depends_on = {0};
                  const WallTime far = WallTime::max() - std::chrono::hours{1};
                  board.waivers.push_back({"failing", "A", "known", {}, WallTime{}, far});
                }},
        Between{"a_signoff", "fail", "pass",
                [](Checklist& list, Board& board) {
                  list.checks[3].signoff = SignoffRule{"owner", {}, false, 1};
                  board.signoffs.push_back({"between", "A", "owner", "", "", WallTime{}});
                  list.checks[child].depends_on = {3};
                }},
        Between{"on_demand", "fail", "pass",
                [](Checklist& list, Board&) {
                  list.checks[child].depends_on = {0};
                  list.checks[child].on_demand = true;
                }}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(DependenciesTest, ADisabledOrStaleParentHoldsNothing) {
  begin();
  see(parent, Outcome::skipped);
  pass_time(1s);
  see(child, Outcome::fail);
  EXPECT_EQ(state_of(child), "fail");
  see(child, Outcome::pass);
  see(parent, Outcome::pass);
  EXPECT_EQ(state_of(child), "pass") << "what did not apply has not recovered";
  pass_time(1s);
  see(parent, Outcome::fail);
  pass_time(66s);
  see(child, Outcome::fail);
  EXPECT_EQ(state(child), CheckState::blocked) << "its parent is stale";
}

TEST_F(DependenciesTest, ARingIsNeverGood) {
  list->checks[parent].depends_on = {child};
  begin();
  see(child, Outcome::fail);
  EXPECT_FALSE(judged().go);
}

}  // namespace
}  // namespace gonogo
