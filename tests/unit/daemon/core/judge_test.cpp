#include "daemon/core/judge.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/formats/times.h"
#include "tests/support/judge_test.h"

namespace gonogo {
namespace {

TEST_F(JudgeTest, NeverRunIsNoGo) {
  use({probed_check("a")});
  const Snapshot snapshot = judged();
  EXPECT_FALSE(snapshot.go);
  EXPECT_EQ(snapshot.checks[0].state, CheckState::pending);
  EXPECT_EQ(snapshot.checks[0].reason, Reason::never_run);
}

TEST_F(JudgeTest, AFreshPassIsGoAndAFreshWarnToo) {
  use({probed_check("a"), probed_check("b")});
  see(0, Outcome::pass);
  see(1, Outcome::warn);
  const Snapshot snapshot = judged();
  EXPECT_TRUE(snapshot.go);
  EXPECT_EQ(snapshot.checks[1].state, CheckState::warn);
  EXPECT_EQ(snapshot.valid_until, now.steady - 1s + 65s + 1ns);
}

TEST_F(JudgeTest, APassTurnsStaleAtTheInstantItIsOlderThanItMayBe) {
  use({probed_check("a")});
  see(0, Outcome::pass, 65s);
  EXPECT_TRUE(judged().go);
  now.steady += 1ns;
  EXPECT_FALSE(judged().go);
  EXPECT_EQ(judged().checks[0].state, CheckState::stale);
  EXPECT_EQ(judged().checks[0].reason, Reason::stale);
}

TEST_F(JudgeTest, AFailureIsNoGoWithItsReason) {
  use({probed_check("a")});
  see(0, Outcome::pass, 10s);
  see(0, Outcome::fail, 1s, Reason::connect);
  EXPECT_FALSE(judged().go);
  EXPECT_EQ(judged().checks[0].reason, Reason::connect);
  EXPECT_EQ(judged().checks[0].clears_when, "its next run passes");
}

TEST_F(JudgeTest, UnknownFindingsAgeThePassIntoStaleWithTheirReason) {
  use({probed_check("a")});
  see(0, Outcome::pass, 60s);
  see(0, Outcome::unknown, 1s, Reason::prober);
  EXPECT_TRUE(judged().go) << "an unknown finding moves no threshold";
  now.steady += 10s;
  EXPECT_FALSE(judged().go);
  EXPECT_EQ(judged().checks[0].state, CheckState::stale);
  EXPECT_EQ(judged().checks[0].reason, Reason::prober);
}

TEST_F(JudgeTest, AnAdvisoryNeverChangesTheVerdict) {
  Check advisory = probed_check("b");
  advisory.severity = Severity::advisory;
  use({probed_check("a"), advisory});
  see(0, Outcome::pass);
  see(1, Outcome::fail);
  EXPECT_TRUE(judged().go);
}

TEST_F(JudgeTest, DisabledIsGood) {
  use({probed_check("a")});
  see(0, Outcome::skipped);
  EXPECT_TRUE(judged().go);
  EXPECT_EQ(judged().checks[0].state, CheckState::disabled);
}

TEST_F(JudgeTest, AWaiverCoversAFailureUntilItsEndAndNotAtIt) {
  use({probed_check("a")});
  see(0, Outcome::fail);
  board.waivers.push_back({"a", "A. Lead", "known", {}, now.wall - 1h, now.wall + 10s});
  EXPECT_TRUE(judged().go);
  EXPECT_EQ(judged().valid_until, now.steady + 10s);
  ASSERT_EQ(judged().waivers.size(), 1U);
  now.steady += 10s;
  now.wall += 10s;
  EXPECT_FALSE(judged().go);
}

TEST_F(JudgeTest, AWaiverThatBeginsLaterOrIsForAnotherReleaseOrNotAllowedCoversNothing) {
  Check strict = probed_check("a");
  strict.waivable = false;
  use({strict, probed_check("b"), probed_check("c")});
  for (std::size_t i = 0; i < 3; ++i) see(i, Outcome::fail);
  board.release = "v2";
  board.waivers.push_back({"a", "x", "y", {}, now.wall - 1h, now.wall + 1h});
  board.waivers.push_back({"b", "x", "y", "v1", now.wall - 1h, now.wall + 1h});
  board.waivers.push_back({"c", "x", "y", {}, now.wall + 1s, now.wall + 1h});
  const Snapshot snapshot = judged();
  for (const CheckStatus& status : snapshot.checks) EXPECT_FALSE(status.good);
  EXPECT_EQ(snapshot.valid_until, now.steady + 1s) << "the third begins then";
}

TEST_F(JudgeTest, ASignoffCountsInItsRoleUntilItEnds) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"infrastructure-owner", 24h, false, 1};
  use({manual});
  EXPECT_EQ(judged().checks[0].reason, Reason::unsigned_off);
  board.signoffs.push_back({"drill", "B", "cook", "", "", now.wall});
  EXPECT_FALSE(judged().go) << "another role";
  board.signoffs.push_back({"drill", "A", "infrastructure-owner", "", "", now.wall - 23h});
  EXPECT_TRUE(judged().go);
  EXPECT_EQ(judged().valid_until, now.steady + 1h);
  now.wall += 1h;
  EXPECT_FALSE(judged().go);
  EXPECT_EQ(judged().checks[0].reason, Reason::signoff_expired);
}

TEST_F(JudgeTest, ASignoffFromTheFutureCountsNothing) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"owner", {}, false, 1};
  use({manual});
  board.signoffs.push_back({"drill", "A", "owner", "", "", now.wall + 1s});
  EXPECT_FALSE(judged().go);
  EXPECT_EQ(judged().valid_until, now.steady + 1s) << "from then on it counts";
}

TEST_F(JudgeTest, TwoPeopleAreTwoPeople) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"owner", {}, true, 2};
  use({manual});
  board.release = "v1";
  board.signoffs.push_back({"drill", "A", "owner", "", "v1", now.wall - 1h});
  board.signoffs.push_back({"drill", "A", "owner", "", "v1", now.wall - 2h});
  EXPECT_FALSE(judged().go);
  board.signoffs.push_back({"drill", "B", "owner", "", "v1", now.wall - 1h});
  EXPECT_TRUE(judged().go);
  board.release = "v2";
  EXPECT_FALSE(judged().go) << "the release changed";
}

TEST_F(JudgeTest, ASignoffForAReleaseIsWorthNothingWhileNoneIsAnnounced) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"owner", {}, true, 1};
  use({manual});
  board.signoffs.push_back({"drill", "A", "owner", "", "", now.wall - 1h});
  EXPECT_FALSE(judged().go);
  board.release = "v1";
  EXPECT_FALSE(judged().go);
  board.signoffs.push_back({"drill", "A", "owner", "", "v1", now.wall - 1h});
  const Snapshot snapshot = judged();
  EXPECT_TRUE(snapshot.go);
  ASSERT_EQ(snapshot.checks[0].signoffs.size(), 1U);
  EXPECT_EQ(snapshot.signoffs[snapshot.checks[0].signoffs[0]].release, "v1");
}

TEST_F(JudgeTest, WhatHasEndedIsNotRevivedByAClockThatIsSetBack) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"owner", 1h, false, 1};
  use({manual, probed_check("a")});
  see(1, Outcome::fail);
  board.signoffs.push_back({"drill", "A", "owner", "", "", now.wall - 30min});
  board.waivers.push_back({"a", "A", "known", {}, now.wall - 30min, now.wall + 30min});
  EXPECT_TRUE(judged().go);
  end_what_lapsed(board, *list, now.wall + 31min);
  const Snapshot snapshot = judged();
  EXPECT_EQ(snapshot.checks[0].reason, Reason::signoff_expired);
  EXPECT_FALSE(snapshot.checks[1].good);
}

TEST_F(JudgeTest, ASignoffThatHasEndedStaysEndedWhateverTheRuleSaysNow) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"owner", {}, false, 1};
  use({manual});
  board.signoffs.push_back({"drill", "A", "owner", "", "", now.wall - 3h, now.wall - 1h});
  EXPECT_EQ(judged().checks[0].reason, Reason::signoff_expired);
  EXPECT_EQ(judged().checks[0].since, now.wall - 1h);
  list->checks[0].signoff->valid_for = 1000h;
  EXPECT_EQ(judged().checks[0].reason, Reason::signoff_expired);
  EXPECT_EQ(judged().checks[0].since, now.wall - 1h);
}

TEST_F(JudgeTest, OfSeveralSignoffsOfAPersonTheNewestCounts) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"owner", {}, true, 1};
  use({manual});
  board.release = "v1";
  Signoff first{"drill", "A", "owner", "", "v1", now.wall - 2h, {}, 1};
  Signoff second{"drill", "A", "owner", "", "v2", now.wall - 1h, {}, 2};
  board.signoffs = {first};
  EXPECT_TRUE(judged().go);
  board.signoffs = {first, second};
  EXPECT_FALSE(judged().go);
  board.signoffs = {second, first};
  EXPECT_FALSE(judged().go) << "in whatever order they come";
  first.who = "B";
  board.signoffs = {second, first};
  EXPECT_TRUE(judged().go) << "another person's";
  list->checks[0].signoff->per_release = false;
  first.who = "A";
  second.ended = now.wall - 1min;
  board.signoffs = {first, second};
  EXPECT_EQ(judged().checks[0].reason, Reason::signoff_expired);
}

// Validity is a span of time, whatever the clocks on the wall do in it.
struct Validity {
  const char* name;
  const char* given;
  Duration valid_for;
  const char* ends;
};
class ValidityTest : public JudgeTest, public testing::WithParamInterface<Validity> {};

TEST_P(ValidityTest, EndsAtThatInstant) {
  Check manual;
  manual.id = "drill";
  manual.signoff = SignoffRule{"owner", GetParam().valid_for, false, 1};
  use({manual});
  board.signoffs.push_back({"drill", "A", "owner", "", "", *parse_rfc3339(GetParam().given)});
  const WallTime end = *parse_rfc3339(GetParam().ends);
  now.wall = end - 1us;
  EXPECT_TRUE(judged().go);
  EXPECT_EQ(judged().valid_until, now.steady + 1us);
  now.wall = end;
  EXPECT_EQ(judged().checks[0].reason, Reason::signoff_expired);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ValidityTest,
    testing::Values(
        Validity{"a_day", "2026-04-05T10:00:00Z", 24h, "2026-04-06T10:00:00Z"},
        Validity{"over_spring", "2026-03-28T12:00:00+01:00", 24h, "2026-03-29T13:00:00+02:00"},
        Validity{"over_autumn", "2026-10-24T12:00:00+02:00", 24h, "2026-10-25T11:00:00+01:00"},
        Validity{"leap_day", "2028-02-28T00:00:00Z", 48h, "2028-03-01T00:00:00Z"},
        Validity{"a_quarter", "2026-01-01T00:00:00Z", 90 * 24h, "2026-04-01T00:00:00Z"},
        Validity{"half_a_second", "2026-12-31T23:59:59.75Z", 500ms, "2027-01-01T00:00:00.25Z"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST_F(JudgeTest, AProbedCheckWithASignoffNeedsBoth) {
  Check both = probed_check("a");
  both.signoff = SignoffRule{"owner", {}, false, 1};
  use({both});
  see(0, Outcome::pass);
  EXPECT_EQ(judged().checks[0].reason, Reason::unsigned_off);
  board.signoffs.push_back({"a", "A", "owner", "", "", now.wall});
  EXPECT_TRUE(judged().go);
  see(0, Outcome::fail);
  EXPECT_EQ(judged().checks[0].state, CheckState::fail);
}

TEST_F(JudgeTest, ABlockedCheckNamesItsRootCause) {
  Check second = probed_check("b");
  second.depends_on = {0};
  Check third = probed_check("c");
  third.depends_on = {1};
  use({probed_check("a"), second, third});
  see(0, Outcome::fail);
  see(1, Outcome::pass);
  see(2, Outcome::pass);
  const Snapshot snapshot = judged();
  EXPECT_EQ(snapshot.checks[2].state, CheckState::blocked);
  EXPECT_EQ(snapshot.checks[2].reason, Reason::blocked_by);
  EXPECT_EQ(snapshot.checks[2].cause, 0U);
}

TEST_F(JudgeTest, WhatDoesNotApplyIsDisabledAndForgetsWhatItKnew) {
  Check check = probed_check("a");
  check.debounce = {2, 1};
  use({check});
  see(0, Outcome::pass);
  see(0, Outcome::pass);
  see(0, Outcome::skipped);
  EXPECT_EQ(judged().checks[0].state, CheckState::disabled);
  EXPECT_TRUE(judged().go);
  see(0, Outcome::pass);
  EXPECT_EQ(judged().checks[0].state, CheckState::pending) << "two passes are wanted anew";
  EXPECT_FALSE(judged().go);
  see(0, Outcome::pass);
  EXPECT_TRUE(judged().go);
}

TEST_F(JudgeTest, ThatACheckDoesNotApplyGoesStaleToo) {
  use({probed_check("a")});
  see(0, Outcome::skipped, 66s);
  EXPECT_EQ(judged().checks[0].state, CheckState::stale);
  EXPECT_FALSE(judged().go);
}

TEST_F(JudgeTest, AFreezeIsNoGoFromItsFirstToItsLastInstant) {
  use({probed_check("a")});
  list->calendar.freezes.push_back({now.wall + 10s, now.wall + 20s, "launch"});
  see(0, Outcome::pass);
  EXPECT_TRUE(judged().go);
  EXPECT_EQ(judged().valid_until, now.steady + 10s);
  now.wall += 10s;
  EXPECT_FALSE(judged().go);
  ASSERT_TRUE(judged().frozen);
  EXPECT_EQ(judged().frozen->reason, "launch");
  now.wall += 10s;
  EXPECT_TRUE(judged().go);
}

TEST_F(JudgeTest, FlappingHoldsACheckAtFailUntilItHasBeenCalm) {
  Check check = probed_check("a");
  check.flapping = FlappingRule{2, 60s};
  use({check});
  for (int i = 0; i < 4; ++i) {
    see(0, i % 2 == 0 ? Outcome::pass : Outcome::fail, 0s);
    now.steady += 5s;
    now.wall += 5s;
  }
  see(0, Outcome::pass, 0s);
  EXPECT_EQ(judged().checks[0].reason, Reason::flapping);
  EXPECT_FALSE(judged().go);
  now.steady += 59s;
  now.wall += 59s;
  see(0, Outcome::pass, 0s);
  EXPECT_FALSE(judged().go);
  now.steady += 1s;
  EXPECT_TRUE(judged().go);
}

TEST_F(JudgeTest, FlappingCountsRawOutcomesThatDebounceSmoothsOver) {
  Check check = probed_check("a");
  check.debounce = {.rise = 1, .fall = 2, .of = 2};
  check.flapping = FlappingRule{3, 10min};
  use({check});
  for (int run = 0; run < 5; ++run) {
    EXPECT_TRUE(run == 0 || judged().go) << run;
    see(0, run % 2 == 0 ? Outcome::pass : Outcome::fail, 0s);
    now.steady += 5s;
    now.wall += 5s;
  }
  EXPECT_EQ(judged().checks[0].reason, Reason::flapping) << "four changes, and no two failures";
  EXPECT_NE(judged().checks[0].summary.find("at least 4 times within 10m"), std::string::npos)
      << judged().checks[0].summary;
  EXPECT_FALSE(judged().go);
}

TEST_F(JudgeTest, OnlyChangesBetweenPassingAndFailingAreFlapping) {
  Check check = probed_check("a");
  check.debounce.fall = 100;
  check.flapping = FlappingRule{1, 10min};
  use({check});
  for (const Outcome outcome : {Outcome::pass, Outcome::warn, Outcome::pass, Outcome::unknown,
                                Outcome::skipped, Outcome::pass, Outcome::warn, Outcome::fail}) {
    see(0, outcome, 0s);
    EXPECT_NE(judged().checks[0].reason, Reason::flapping);
  }
  see(0, Outcome::pass, 0s);
  EXPECT_EQ(judged().checks[0].reason, Reason::flapping);
}

TEST_F(JudgeTest, NoMoreChangesAreKeptThanAreNeeded) {
  Check check = probed_check("a");
  check.flapping = FlappingRule{3, 10min};
  use({check});
  for (int run = 0; run < 1000; ++run) see(0, run % 2 == 0 ? Outcome::pass : Outcome::fail, 0s);
  EXPECT_EQ(records[0].changes.size(), 4U);
}

TEST_F(JudgeTest, AFailureOfWhatIsStaleDecidesAtOnce) {
  Check check = probed_check("a");
  check.debounce.fall = 3;
  use({check});
  see(0, Outcome::pass, 0s);
  now.steady += 65s;
  now.wall += 65s;
  see(0, Outcome::fail, 0s);
  EXPECT_TRUE(judged().go) << "one of three, and the pass is fresh";
  now.steady += 65s + 1ns;
  now.wall += 65s;
  EXPECT_EQ(judged().checks[0].state, CheckState::stale);
  see(0, Outcome::fail, 0s);
  EXPECT_EQ(judged().checks[0].state, CheckState::fail) << "a failure makes nothing good";
  EXPECT_FALSE(judged().go);
}

TEST_F(JudgeTest, AFailureInTurnSaysHowManyRunsFailed) {
  Check check = probed_check("a");
  check.debounce = {.rise = 1, .fall = 2, .of = 4};
  use({check});
  for (const Outcome outcome :
       {Outcome::pass, Outcome::fail, Outcome::pass, Outcome::fail, Outcome::pass})
    see(0, outcome, 1s);
  const Snapshot snapshot = judged();
  const CheckStatus& status = snapshot.checks[0];
  EXPECT_EQ(status.state, CheckState::fail);
  EXPECT_EQ(status.summary, "seen (2 of the last 4 runs failed)");
  EXPECT_EQ(status.clears_when, "its next run passes");
}

TEST_F(JudgeTest, ARecordOfAnotherConfigurationIsNotAdopted) {
  use({probed_check("a")});
  see(0, Outcome::pass);
  CheckRecord record;
  EXPECT_FALSE(adopt(record, list->checks[0], records[0], "f0"));
  EXPECT_FALSE(record.decisive);
  EXPECT_TRUE(adopt(record, list->checks[0], records[0], "f1"));
  EXPECT_TRUE(record.decisive);
}

// The first invariant, on random boards, by a second and slower way of saying it.
TEST_F(JudgeTest, GoMeansThatEveryBlockerHasItsEvidence) {
  std::mt19937 random(7);
  int gos = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Check> checks;
    for (int i = 0; i < 4; ++i) {
      Check check = probed_check(std::string(1, static_cast<char>('a' + i)));
      if (random() % 4 == 0) check.severity = Severity::advisory;
      if (random() % 8 == 0) check.waivable = false;
      if (i > 0 && random() % 4 == 0) check.depends_on = {random() % static_cast<unsigned>(i)};
      checks.push_back(std::move(check));
    }
    use(std::move(checks));
    std::array<bool, 4> passes{};
    std::array<bool, 4> waived{};
    std::array<bool, 4> skipped{};
    for (std::size_t i = 0; i < 4; ++i) {
      const unsigned dice = random() % 13;
      const bool is_fresh = random() % 8 != 0;
      if (dice < 9) see(i, dice == 8 ? Outcome::warn : Outcome::pass, is_fresh ? 10s : 66s);
      if (dice == 9) see(i, Outcome::fail, 10s);
      if (dice == 10) see(i, Outcome::unknown, 10s);
      if (dice == 12) see(i, Outcome::skipped, is_fresh ? 10s : 66s);
      passes.at(i) = dice < 9 && is_fresh;
      skipped.at(i) = dice == 12 && is_fresh;
      if (random() % 6 == 0) {
        const bool is_live = random() % 2 == 0;
        board.waivers.push_back({list->checks[i].id,
                                 "w",
                                 "w",
                                 {},
                                 now.wall - 2h,
                                 is_live ? now.wall + 1h : now.wall - 1h});
        waived.at(i) = is_live && list->checks[i].waivable;
      }
    }
    const Snapshot snapshot = judged();
    bool wanted = true;
    std::array<bool, 4> sound{};
    for (std::size_t i = 0; i < 4; ++i) {
      sound.at(i) = passes.at(i);
      for (const std::size_t needed : list->checks[i].depends_on)
        sound.at(i) = sound.at(i) && sound.at(needed);
      // What does not apply has no use for what it depends on.
      sound.at(i) = sound.at(i) || skipped.at(i);
      if (list->checks[i].severity == Severity::blocker)
        wanted = wanted && (sound.at(i) || waived.at(i));
    }
    ASSERT_EQ(snapshot.go, wanted) << "round " << round;
    gos += snapshot.go ? 1 : 0;
  }
  EXPECT_GT(gos, 1000);
  EXPECT_LT(gos, 19'000);
}

}  // namespace
}  // namespace gonogo
