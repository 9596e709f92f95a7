#include "daemon/core/composite.h"

#include "tests/support/judge_test.h"

namespace gonogo {
namespace {

class CompositeTest : public JudgeTest {};

TEST_F(CompositeTest, ACompositeSaysWhenItCouldClearAtTheEarliest) {
  Check all;
  all.id = "all";
  all.composite = CompositeRule{2, true, {{false, 0}, {false, 1}}};
  use({probed_check("a"), probed_check("b"), all});
  see(0, Outcome::fail);
  see(1, Outcome::fail);
  records[0].next_run = now.steady + 10s;
  records[1].next_run = now.steady + 25s;
  EXPECT_EQ(judged().checks[2].earliest, now.wall + 25s) << "both have to clear";
  list->checks[2].composite->at_least = 1;
  EXPECT_EQ(judged().checks[2].earliest, now.wall + 10s) << "the quicker one is enough";
}

TEST_F(CompositeTest, ACompositeTurnedWithTheMemberThatMadeTheDifference) {
  Check two;
  two.id = "two";
  two.composite = CompositeRule{2, false, {{false, 0}, {false, 1}, {false, 2}}};
  use({probed_check("a"), probed_check("b"), probed_check("c"), two});
  for (std::size_t i = 0; i < 3; ++i) see(i, Outcome::fail, Duration{(i + 1) * 10s});
  EXPECT_EQ(judged().checks[3].since, now.wall - 20s)
      << "one may be bad: the second one was too many";
  see(0, Outcome::pass, 3s);
  see(1, Outcome::pass, 2s);
  EXPECT_EQ(judged().checks[3].since, now.wall - 2s);
}

TEST_F(CompositeTest, CompositesCountTheirMembers) {
  Check composite;
  composite.id = "criteria";
  composite.composite = CompositeRule{2, false, {{false, 0}, {false, 1}, {false, 2}}};
  Check x = probed_check("x"), y = probed_check("y"), z = probed_check("z");
  x.severity = y.severity = z.severity = Severity::advisory;
  use({x, y, z, composite});
  see(0, Outcome::pass);
  EXPECT_FALSE(judged().go);
  EXPECT_EQ(judged().checks[3].reason, Reason::composite);
  see(2, Outcome::pass);
  EXPECT_TRUE(judged().go);
}

TEST_F(CompositeTest, WhatDoesNotApplyIsNoEvidenceWhereSomeAreEnough) {
  Check any = probed_check("any");
  any.probe = nullptr;
  any.composite = CompositeRule{1, false, {{false, 0}, {false, 1}}};
  Check all = any;
  all.id = "all";
  all.composite = CompositeRule{2, true, {{false, 0}, {false, 1}}};
  use({probed_check("a"), probed_check("b"), any, all});
  see(0, Outcome::skipped);
  see(1, Outcome::pass);
  EXPECT_TRUE(judged().checks[2].good);
  EXPECT_TRUE(judged().checks[3].good);
  see(1, Outcome::skipped);
  EXPECT_FALSE(judged().checks[2].good) << "neither of them was seen to be good";
  EXPECT_TRUE(judged().checks[3].good);
}

// The advisory check of the gate is no evidence either.
TEST_F(CompositeTest, AGateOfWhichNothingAppliesIsNoEvidenceWhereSomeAreEnough) {
  Check any = probed_check("any");
  any.probe = nullptr;
  any.composite = CompositeRule{1, false, {{true, 1}}};
  Check all = any;
  all.id = "all";
  all.composite = CompositeRule{1, true, {{true, 1}}};
  Check advisory = probed_check("c");
  advisory.severity = Severity::advisory;
  use({probed_check("a"), probed_check("b"), advisory, any, all});
  list->gates[0].checks = {3, 4};
  list->gates.push_back({"eu", "EU", {0, 1, 2}});
  see(0, Outcome::skipped);
  see(1, Outcome::pass);
  see(2, Outcome::pass);
  EXPECT_TRUE(judged().checks[3].good);
  see(1, Outcome::skipped);
  EXPECT_FALSE(judged().checks[3].good) << "nothing of it was seen to be good";
  EXPECT_TRUE(judged().checks[4].good);
  see(0, Outcome::fail);
  see(1, Outcome::pass);
  EXPECT_FALSE(judged().checks[3].good);
  EXPECT_FALSE(judged().checks[4].good);
}

}  // namespace
}  // namespace gonogo
