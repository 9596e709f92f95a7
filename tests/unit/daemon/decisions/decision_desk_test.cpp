#include "daemon/decisions/decision_desk.h"

#include "tests/support/process.h"

namespace gonogo {
namespace {

TEST_F(DeployTest, ItAsksForGoFirst) {
  pass_time(2min);
  DeployRequest request;
  request.version = "v1";
  Decided decided = process->decide(process->desk.deploy(ci, request));
  ASSERT_FALSE(decided);
  EXPECT_EQ(decided.error().status, 409);
  EXPECT_NE(decided.error().text.find("lead"), std::string::npos) << decided.error().text;
  EXPECT_EQ(process->board.release(), "") << "a refused deploy changes nothing";
  request.force = true;
  EXPECT_EQ(process->decide(process->desk.deploy(ci, request)).error().status, 400);
  request.reason = "the site is down";
  decided = process->decide(process->desk.deploy(ci, request));
  ASSERT_TRUE(decided) << decided.error().text;
  EXPECT_TRUE(process->deployment().forced);
  EXPECT_EQ(process->board.release(), "v1");
}

TEST_F(DeployTest, ANewReleaseLapsesTheSignoffsOfTheOldAtThatInstant) {
  begin();
  EXPECT_TRUE(process->board.verdict()->go);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v2")));
  EXPECT_FALSE(process->board.verdict()->go);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  EXPECT_FALSE(process->board.verdict()->go) << "what has ended stays ended";
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
  EXPECT_TRUE(process->board.verdict()->go) << "only signing again does";
}

TEST_F(DeployTest, ANewReleaseEndsTheWaiversOfTheOldAtThatInstant) {
  pass_time(2min);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"lead", "known", 2h, {}, true})));
  EXPECT_TRUE(process->board.verdict()->go);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  EXPECT_TRUE(process->board.verdict()->go) << "the same release again";
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v2")));
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  EXPECT_FALSE(process->board.verdict()->go) << "what has ended stays ended";
  EXPECT_TRUE(process->has_written("waiver-ended"));
}

class DeskTest : public DeployTest {
 protected:
  int refused(Decided decided) { return decided ? 0 : decided.error().status; }
};

TEST_F(DeskTest, SignsOnlyInTheRoleThatIsAskedFor) {
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  EXPECT_EQ(refused(process->decide(process->desk.sign(ci, {"lead", "", "", ""}))), 403);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"lead", "owner", "", ""}))), 409);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"nobody", "", "", ""}))), 404);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"api", "", "", ""}))), 409);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"lead", "", "", "v2"}))), 409);
  EXPECT_EQ(
      refused(process->decide(process->desk.sign(lead, {"lead", "", std::string(3000, 'x'), ""}))),
      400);
  EXPECT_EQ(refused(process->decide(process->desk.sign(lead, {"lead", "lead", "", "v1"}))), 0);
}

TEST_F(DeskTest, KeepsSecretsOutOfNotes) {
  process->redactor.hide("super-secret");
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  const Decided decided =
      process->decide(process->desk.sign(lead, {"lead", "", "used super-secret", ""}));
  ASSERT_TRUE(decided);
  EXPECT_EQ(decided->find("super-secret"), std::string::npos) << *decided;
}

TEST_F(DeskTest, WaivesForAWhileAndNoLongerThanItMay) {
  pass_time(2min);
  WaiveRequest request{"api", "known", 1h, {}, false};
  EXPECT_EQ(
      refused(process->decide(process->desk.waive(lead, {"api", "known", 8 * 24h, {}, false}))),
      409);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, {"api", " ", 1h, {}, false}))), 400);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, {"api", "known", {}, {}, false}))),
            400);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, {"api", "known", 1h, {}, true}))),
            409)
      << "no release to bind it to";
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, request))), 0);
  target->up = false;
  pass_time(2min);
  EXPECT_TRUE(process->board.verdict()->checks[0].good);
  EXPECT_EQ(refused(process->decide(process->desk.end_waiver(lead, "api"))), 0);
  EXPECT_FALSE(process->board.verdict()->checks[0].good);
  EXPECT_EQ(refused(process->decide(process->desk.end_waiver(lead, "api"))), 404);
  EXPECT_EQ(refused(process->decide(process->desk.waive(lead, request))), 0);
  pass_time(1h - 1s);
  EXPECT_TRUE(process->board.verdict()->checks[0].good);
  pass_time(1s);
  EXPECT_FALSE(process->board.verdict()->checks[0].good) << "at that instant";
}

TEST_F(DeskTest, WhatHasEndedIsNotRevivedByAClockSetBackBeforeTheNextProcess) {
  begin();
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"api", "known", 1h, {}, false})));
  pass_time(7 * 24h);
  EXPECT_FALSE(process->board.verdict()->go) << "the sign-off has ended";
  process->desk.note_ended();
  ASSERT_TRUE(process->has_written("signoff-ended"));
  ASSERT_TRUE(process->has_written("waiver-ended"));
  // The next process begins with a clock of before the end of both.
  elapsed -= 7 * 24h - 30min;
  start();
  EXPECT_TRUE(process->store->loaded().decisions.signoffs.empty());
  EXPECT_TRUE(process->store->loaded().decisions.waivers.empty());
}

// A check that is signed off for no release in particular, beside the others.
// The daemon ends while a pool thread writes the decision down.
TEST_F(DeskTest, AStopWithADecisionInFlightIsAnOrderlyEnd) {
  pass_time(2min);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  for (int i = 0; i < 20; ++i) {
    bool answered = false;
    boost::asio::co_spawn(process->loop, process->desk.sign(lead, {"lead", "", "", ""}),
                          [&answered](std::exception_ptr failure, const Decided&) {
                            EXPECT_FALSE(failure);
                            answered = true;
                          });
    process->loop.restart();
    process->loop.poll();
    if (i % 2 == 0) process->kernel.stop();
    // With the lists of the checks gone, what is under way finds nothing that is not there.
    process->runtimes.put_in_force(checklist_of({}), process->clock.both());
    while (!answered) process->loop.run_one();
    start();
  }
}

class OneSignoffTest : public DeskTest {
 protected:
  OneSignoffTest() { use("owner", {}); }
  void use(const std::string& role, std::optional<Duration> valid_for, bool per_release = false) {
    Check api = process->config.checklist->checks[0];
    Check drill;
    drill.id = "drill";
    drill.kind = "signoff";
    drill.signoff = SignoffRule{role, valid_for, per_release, 1};
    process->config.checklist = checklist_of({api, drill});
    process->put_in_force();
  }
  bool sign(const char* role = "owner") {
    const Caller ada{"Ada", {Grant::sign}, {role}};
    return process->decide(process->desk.sign(ada, {"drill", "", "", ""})).has_value();
  }
  bool withdraw() {
    const Caller ada{"Ada", {Grant::sign}, {"owner"}};
    return process->decide(process->desk.withdraw(ada, "drill")).has_value();
  }
  bool announce(const char* release) {
    return process->decide(process->desk.announce(ci, release)).has_value();
  }
  const CheckStatus& drill() {
    shown = process->board.verdict();
    return shown->checks[1];
  }
  // What the next process knows of it.
  std::size_t stored() {
    start();
    return process->store->loaded().decisions.signoffs.size();
  }
  std::shared_ptr<const Snapshot> shown;
};

TEST_F(OneSignoffTest, SigningAgainReplacesTheFormerAndWithdrawingEndsIt) {
  ASSERT_TRUE(announce("v1") && sign() && announce("v2") && sign());
  EXPECT_EQ(process->board.signoffs().size(), 1U) << "one person has one sign-off in a role";
  EXPECT_TRUE(drill().good);
  ASSERT_TRUE(withdraw());
  EXPECT_FALSE(drill().good) << "the first one counts no more";
  EXPECT_EQ(drill().reason, Reason::unsigned_off);
  EXPECT_FALSE(withdraw()) << "nothing is left to withdraw";
  EXPECT_EQ(stored(), 0U);
}

TEST_F(OneSignoffTest, WithdrawingEndsWhatWasSignedInAFormerRoleToo) {
  ASSERT_TRUE(sign());
  use("lead", {});
  ASSERT_TRUE(sign("lead"));
  ASSERT_TRUE(withdraw());
  use("owner", {});
  EXPECT_FALSE(drill().good) << "a reload that brings the former role back revives nothing";
  EXPECT_EQ(stored(), 0U);
}

TEST_F(OneSignoffTest, APersonWithdrawsNothingOfAnother) {
  ASSERT_TRUE(sign());
  const Caller bob{"Bob", {Grant::sign}, {"owner"}};
  ASSERT_TRUE(process->decide(process->desk.sign(bob, {"drill", "", "", ""})));
  ASSERT_TRUE(withdraw());
  EXPECT_TRUE(drill().good);
  ASSERT_EQ(process->board.signoffs().size(), 1U);
  EXPECT_EQ(process->board.signoffs()[0].who, "Bob");
}

TEST_F(OneSignoffTest, AReloadThatDropsTheValidityRevivesNothingThatHasEnded) {
  use("owner", 1h);
  ASSERT_TRUE(sign());
  EXPECT_TRUE(drill().good);
  pass_time(2h);
  EXPECT_EQ(drill().reason, Reason::signoff_expired);
  use("owner", {});
  EXPECT_EQ(drill().reason, Reason::signoff_expired);
  use("owner", 100h);
  EXPECT_EQ(drill().reason, Reason::signoff_expired) << "nor one that makes it longer";
  ASSERT_TRUE(sign());
  EXPECT_TRUE(drill().good) << "only signing again does";
}

TEST_F(OneSignoffTest, AReloadAtTheInstantOfTheEndRevivesNothingEither) {
  use("owner", 1h);
  ASSERT_TRUE(sign());
  // No timer has been called and nobody has asked: the reload is the first that could notice.
  process->clock.pass_unnoticed(1h);
  use("owner", {});
  EXPECT_EQ(drill().reason, Reason::signoff_expired);
}

TEST_F(OneSignoffTest, AReloadThatDropsTheValidityKeepsWhatIsInForceUntilItsEnd) {
  use("owner", 1h);
  ASSERT_TRUE(sign());
  pass_time(30min);
  use("owner", {});
  EXPECT_TRUE(drill().good);
  pass_time(29min);
  EXPECT_TRUE(drill().good);
  pass_time(1min);
  EXPECT_EQ(drill().reason, Reason::signoff_expired) << "it was given for an hour";
}

// So that a restart does not change what a reload has left.
TEST_F(OneSignoffTest, AReloadThatDropsTheReleaseKeepsWhatIsInForceUntilAnotherIsAnnounced) {
  use("owner", {}, true);
  ASSERT_TRUE(announce("v1") && sign());
  use("owner", {}, false);
  EXPECT_TRUE(drill().good);
  ASSERT_TRUE(announce("v2"));
  EXPECT_FALSE(drill().good) << "it was given for v1";
  ASSERT_TRUE(sign());
  use("owner", {}, true);
  EXPECT_TRUE(drill().good) << "it was given at v2";
  ASSERT_TRUE(announce("v3"));
  EXPECT_FALSE(drill().good) << "the rule in force ends it too";
  ASSERT_TRUE(announce("v2"));
  EXPECT_FALSE(drill().good);
}

TEST_F(OneSignoffTest, AReloadThatDropsTheReleaseRevivesNoSignoffOfAFormerOne) {
  use("owner", {}, true);
  ASSERT_TRUE(announce("v1") && sign() && announce("v2"));
  EXPECT_FALSE(drill().good);
  use("owner", {}, false);
  EXPECT_FALSE(drill().good);
  ASSERT_TRUE(sign());
  EXPECT_TRUE(drill().good);
}

// A sign-off of the lead, and a daemon that ends and begins with another configuration.
class EndedSignoffTest : public DeskTest {
 protected:
  void begin_as(SignoffRule rule_of_lead, Duration down = 1s) {
    begin_with_rule(std::move(rule_of_lead));
    start(down);
  }
  bool announce(const char* release) {
    return process->decide(process->desk.announce(ci, release)).has_value();
  }
  bool sign() {
    return process->decide(process->desk.sign(lead, {"lead", "", "", ""})).has_value();
  }
  bool is_signed() { return process->board.verdict()->checks[1].good; }
};

TEST_F(EndedSignoffTest, ARestartThatDropsTheReleaseRevivesNoSignoffOfAFormerOne) {
  ASSERT_TRUE(announce("v1") && sign() && announce("v2"));
  EXPECT_FALSE(is_signed());
  begin_as({"lead", {}, false, 1});
  EXPECT_FALSE(is_signed());
  ASSERT_TRUE(announce("v1"));
  EXPECT_FALSE(is_signed());
  ASSERT_TRUE(sign());
  EXPECT_TRUE(is_signed());
}

TEST_F(EndedSignoffTest, ARestartThatDropsTheReleaseKeepsTheSignoffOfTheOneInForce) {
  ASSERT_TRUE(announce("v1") && sign());
  begin_as({"lead", {}, false, 1});
  EXPECT_TRUE(is_signed());
  begin_as({"lead", 7 * 24h, true, 1});
  EXPECT_TRUE(is_signed());
  ASSERT_TRUE(announce("v2"));
  EXPECT_FALSE(is_signed());
}

TEST_F(EndedSignoffTest, OneThatRanOutWhileTheDaemonWasDownStaysEndedWithoutTheRule) {
  begin_as({"lead", 1h, false, 1});
  ASSERT_TRUE(sign());
  begin_as({"lead", {}, false, 1}, 30min);
  EXPECT_TRUE(is_signed()) << "it has half an hour left";
  begin_as({"lead", {}, false, 1}, 31min);
  EXPECT_FALSE(is_signed());
  begin_as({"lead", {}, false, 1});
  EXPECT_FALSE(is_signed());
}

TEST_F(EndedSignoffTest, OneThatRanOutByALaterRuleWhileTheDaemonWasDownStaysEndedToo) {
  begin_as({"lead", {}, false, 1});
  ASSERT_TRUE(sign());
  redefine(1, [](Check& check) { check.signoff->valid_for = 1h; });
  EXPECT_TRUE(is_signed());
  begin_as({"lead", {}, false, 1}, 2h);
  EXPECT_FALSE(is_signed()) << "the rule in force at the end of the former process ended it";
  begin_as({"lead", {}, false, 1});
  EXPECT_FALSE(is_signed());
}

TEST_F(EndedSignoffTest, OneThatALaterRuleWouldEndLaterCountsWhenThatRuleIsDroppedInTime) {
  begin_as({"lead", {}, false, 1});
  ASSERT_TRUE(sign());
  redefine(1, [](Check& check) { check.signoff->valid_for = 1h; });
  begin_as({"lead", {}, false, 1}, 30min);
  EXPECT_TRUE(is_signed());
  pass_time(2h);
  EXPECT_TRUE(is_signed());
}

}  // namespace
}  // namespace gonogo
