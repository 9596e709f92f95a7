#include "daemon/core/signoff.h"

#include <gtest/gtest.h>

#include "daemon/core/judge.h"
#include "tests/support/checklists.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

Signoff by(const std::string& who, std::int64_t id, const std::string& release = "v1") {
  Signoff signoff;
  signoff.check = "drill";
  signoff.role = "lead";
  signoff.who = who;
  signoff.release = release;
  signoff.id = id;
  return signoff;
}

TEST(Signoff, OnePersonHasOneInARole) {
  std::vector<Signoff> given;
  put_signoff(given, by("A. Lead", 1));
  put_signoff(given, by("A. Lead", 2, "v2"));
  put_signoff(given, by("B. Lead", 3));
  ASSERT_EQ(given.size(), 2U);
  EXPECT_EQ(given[0].id, 2);
}

// Their completions may come in another order than their entries in the audit.
TEST(Signoff, OfTwoGivenAtOnceTheLaterEntryCounts) {
  std::vector<Signoff> given;
  put_signoff(given, by("A. Lead", 6));
  put_signoff(given, by("A. Lead", 5));
  ASSERT_EQ(given.size(), 1U);
  EXPECT_EQ(given[0].id, 6) << "so withdrawing ends the one that a later process would replay";
}

// Else nobody would mark it as ended, and a clock that is set back would make it count again.
TEST(Signoff, WhatDoesNotCountAtPresentIsJudgedAnewAtItsEndAsWell) {
  const Now now{SteadyTime{1000h},
                WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};
  Check manual = probed_check("drill", 1h);
  manual.signoff = SignoffRule{"owner", 1h, false, 1};
  const auto list = checklist_of({manual, probed_check("a", 1h)});
  auto records = empty_records(*list, now);
  for (std::size_t i = 0; i < 2; ++i) take(records[i], list->checks[i], seen(Outcome::fail, now));
  Board board;
  board.release = "v2";
  board.signoffs.push_back({"drill", "A", "owner", "", "", now.wall - 30min});
  EXPECT_EQ(judge(list, records, board, now).valid_until, now.steady + 30min)
      << "a check that fails asks for no sign-off";
  board.waivers.push_back({"a", "A", "known", "v1", now.wall - 30min, now.wall + 10min});
  EXPECT_EQ(judge(list, records, board, now).valid_until, now.steady + 10min)
      << "a waiver of another release";
}

}  // namespace
}  // namespace gonogo
