// What depends on a check that was not good has to run again before it counts, whatever made that
// good.
#include <set>

#include "tests/support/kernel_bench.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

// "below" is run once a day; what it depends on, as `above` has it, more often.
class KernelDependencyTest : public KernelEvidenceTest {
 protected:
  KernelDependencyTest() {
    define([](Check&) {});
    pass_time(2min);
    EXPECT_EQ(state(below), CheckState::pass);
  }
  static constexpr std::size_t above = 0;
  static constexpr std::size_t below = 1;
  static constexpr std::size_t member = 2;

  void define(const std::function<void(Check&)>& change) {
    Check first = probed_check("above", 30s, 5s);
    first.probe = above_probe;
    change(first);
    Check second = probed_check("below", 24h, 5s);
    second.probe = below_probe;
    second.depends_on = {above};
    second.retry_interval = 10s;
    Check third = probed_check("member", 30s, 5s);
    third.probe = member_probe;
    third.severity = Severity::advisory;
    process->config.checklist = checklist_of({first, second, third});
    process->put_in_force();
  }
  // The same outage has taken both.
  void break_both() {
    says = Finding::fail(Reason::connect, "connection refused");
    below_says = says;
    pass_time(1min);
    ASSERT_EQ(state(below), CheckState::blocked);
  }
  void expect_below_was_run() {
    pass_time(1s);
    EXPECT_NE(state(below), CheckState::pass) << "its target is gone";
    EXPECT_EQ(process->runtimes[below].record.last->outcome, Outcome::fail);
  }

  Finding says = Finding::pass();
  Finding below_says = Finding::pass();
  Finding member_says = Finding::pass();
  std::shared_ptr<ScriptedProbe> above_probe =
      std::make_shared<ScriptedProbe>([this] { return says; });
  std::shared_ptr<ScriptedProbe> below_probe =
      std::make_shared<ScriptedProbe>([this] { return below_says; });
  std::shared_ptr<ScriptedProbe> member_probe =
      std::make_shared<ScriptedProbe>([this] { return member_says; });
};

TEST_F(KernelDependencyTest, WhatAReloadMakesGoodIsARecovery) {
  break_both();
  says = Finding::pass();
  define([](Check& check) { check.fingerprint = "another"; });
  pass_time(1min);
  expect_below_was_run();
}

TEST_F(KernelDependencyTest, WhatNoLongerAppliesIsARecovery) {
  break_both();
  says.outcome = Outcome::skipped;
  pass_time(30s);
  ASSERT_EQ(state(above), CheckState::disabled);
  expect_below_was_run();
  says = Finding::pass();
  const int runs = below_probe->runs;
  pass_time(30s);
  ASSERT_EQ(state(above), CheckState::pass);
  EXPECT_LE(below_probe->runs, runs + 3) << "it was good all the time: that is no recovery";
}

TEST_F(KernelDependencyTest, WhatWasTooOldAndPassesIsARecovery) {
  define([](Check& check) {
    check.on_demand = true;
    check.stale_after = 10min;
    check.fingerprint = "asked";
  });
  run(above);
  pass_time(1s);
  ASSERT_EQ(state(below), CheckState::pass);
  below_says = Finding::fail(Reason::connect, "connection refused");
  pass_time(11min);
  ASSERT_EQ(state(below), CheckState::blocked);
  run(above);
  expect_below_was_run();
}

TEST_F(KernelDependencyTest, WhatIsHeldNoLongerIsARecovery) {
  define([](Check& check) { check.flapping = FlappingRule{2, 10min}; });
  for (int i = 0; i < 2; ++i) {
    says = Finding::fail(Reason::connect, "connection refused");
    run(above);
    says = Finding::pass();
    run(above);
  }
  pass_time(1s);
  ASSERT_EQ(state(above), CheckState::fail) << "it flaps";
  const int runs = below_probe->runs;
  below_says = Finding::fail(Reason::connect, "connection refused");
  pass_time(10min);
  ASSERT_EQ(state(above), CheckState::pass);
  EXPECT_GT(below_probe->runs, runs);
  EXPECT_NE(state(below), CheckState::pass);
}

TEST_F(KernelDependencyTest, ACompositeThatAnotherMemberMakesGoodIsARecovery) {
  const auto make_composite = [this](const std::string& of_member) {
    auto list = std::make_shared<Checklist>(*process->config.checklist);
    list->checks[member].fingerprint = of_member;
    Check any;
    any.id = "any";
    any.kind = "composite";
    any.composite = CompositeRule{1, false, {{false, above}, {false, member}}};
    list->gates[0].checks.push_back(list->checks.size());
    list->checks[below].depends_on = {list->checks.size()};
    list->checks.push_back(any);
    process->config.checklist = list;
    process->put_in_force();
  };
  member_says = Finding::unknown(Reason::prober, "cannot look");
  make_composite("new");
  pass_time(1min);
  break_both();
  member_says = Finding::pass();
  run(member);
  expect_below_was_run();
}

TEST_F(KernelDependencyTest, AMemberThatIsWaivedMakesItsCompositeGoodFromThenOnOnly) {
  auto list = std::make_shared<Checklist>(*process->config.checklist);
  Check all;
  all.id = "all";
  all.kind = "composite";
  all.composite = CompositeRule{1, true, {{false, above}}};
  list->gates[0].checks.push_back(list->checks.size());
  list->checks[below].depends_on = {list->checks.size()};
  list->checks.push_back(all);
  process->config.checklist = list;
  process->put_in_force();
  break_both();
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"above", "known", 1h, {}, false})));
  expect_below_was_run();
}

TEST_F(KernelDependencyTest, ADependencyThatAReloadAddsAfterItsRecoveryHasTheCheckRunAtOnce) {
  reload([](Checklist& list) { list.checks[below].depends_on.clear(); });
  says = Finding::fail(Reason::connect, "connection refused");
  pass_time(1min);
  says = Finding::pass();
  pass_time(1min);
  below_says = Finding::fail(Reason::connect, "connection refused");
  ASSERT_EQ(state(below), CheckState::pass) << "it is run once a day";
  reload([](Checklist& list) { list.checks[below].depends_on = {above}; });
  expect_below_was_run();
}

// The member passed all the time, but nobody could know that before it had run again.
TEST_F(KernelDependencyTest, AMemberThatWaitedForItsOwnRunMakesItsCompositeGoodFromThenOnOnly) {
  reload([](Checklist& list) {
    list.checks[member].depends_on = {above};
    list.checks[member].interval = 24h;
    list.checks[member].stale_after = 48h;
    Check both;
    both.id = "both";
    both.kind = "composite";
    both.composite = CompositeRule{2, false, {{false, above}, {false, member}}};
    list.gates[0].checks.push_back(list.checks.size());
    list.checks[below].depends_on = {list.checks.size()};
    list.checks.push_back(both);
  });
  pass_time(1min);
  says = Finding::fail(Reason::connect, "connection refused");
  pass_time(1min);
  ASSERT_EQ(state(below), CheckState::blocked);
  member_says = Finding::unknown(Reason::prober, "cannot look");
  says = Finding::pass();
  pass_time(1min);
  ASSERT_EQ(state(member), CheckState::blocked) << "it has not passed since";
  run(below);
  ASSERT_EQ(state(below), CheckState::blocked);
  below_says = Finding::fail(Reason::connect, "connection refused");
  member_says = Finding::pass();
  run(member);
  ASSERT_EQ(state(member), CheckState::pass);
  expect_below_was_run();
}

TEST_F(KernelDependencyTest, NothingIsRunTwiceWhereNothingWasBad) {
  const int runs = below_probe->runs;
  process->put_in_force();
  pass_time(1h);
  EXPECT_EQ(below_probe->runs, runs);
}

// Each makes what "below" depends on good, though no run of its own says so. Meanwhile "below" has
// passed, and then its target is gone.
class KernelTurnTest : public KernelDependencyTest {
 protected:
  static constexpr std::size_t needed = 3;

  // "below" depends on this check.
  void need(Check check, const std::function<void(Checklist&)>& change = {}) {
    reload([&](Checklist& list) {
      list.checks.resize(needed);
      list.checks.push_back(check);
      list.gates[0].checks = {above, below, member, needed};
      list.checks[below].depends_on = {needed};
      if (change) change(list);
    });
    pass_time(1min);
  }
  void need_all_of(const std::vector<std::size_t>& members) { need(composite(members, true, 1)); }
  void need_any_of(const std::vector<std::size_t>& members) { need(composite(members, false, 1)); }
  static Check composite(const std::vector<std::size_t>& members, bool all, int at_least) {
    Check check;
    check.id = "needed";
    check.kind = "composite";
    check.composite = CompositeRule{at_least, all, {}};
    for (const std::size_t index : members) check.composite->members.push_back({false, index});
    if (all) check.composite->at_least = static_cast<int>(members.size());
    return check;
  }
  static Check signed_by_lead() {
    Check check;
    check.id = "needed";
    check.kind = "signoff";
    check.signoff = SignoffRule{"lead", 7 * 24h, false, 1};
    return check;
  }
  void lose_target_of_below() {
    ASSERT_EQ(state(below), CheckState::blocked);
    run(below);
    ASSERT_EQ(process->runtimes[below].record.last->outcome, Outcome::pass);
    below_says = Finding::fail(Reason::missing, "no such file");
    ASSERT_EQ(state(below), CheckState::blocked);
  }
};

TEST_F(KernelTurnTest, ASignoffIsARecovery) {
  need(signed_by_lead());
  lose_target_of_below();
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"needed", "", "", ""})));
  EXPECT_EQ(state(needed), CheckState::pass);
  expect_below_was_run();
}

TEST_F(KernelTurnTest, ASignoffOfAMemberIsARecovery) {
  reload([](Checklist& list) { list.checks[member].signoff = SignoffRule{"lead", {}, false, 1}; });
  need_all_of({above, member});
  lose_target_of_below();
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"member", "", "", ""})));
  EXPECT_EQ(state(needed), CheckState::pass);
  expect_below_was_run();
}

// One that does not apply is no evidence there.
TEST_F(KernelTurnTest, AMemberThatAppliesAgainIsARecovery) {
  member_says.outcome = Outcome::skipped;
  need_any_of({member});
  lose_target_of_below();
  member_says = Finding::pass();
  run(member);
  EXPECT_EQ(state(needed), CheckState::pass);
  expect_below_was_run();
}

TEST_F(KernelTurnTest, AWaiverIsARecoveryWhateverItsCheckDoesSince) {
  member_says = Finding::fail(Reason::content, "bad");
  need_any_of({member});
  lose_target_of_below();
  below_says = Finding::unknown(Reason::prober, "cannot look");
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"member", "known", 1h, {}, false})));
  for (const bool is_up : {true, false}) {
    member_says = is_up ? Finding::pass() : Finding::fail(Reason::content, "bad");
    run(member);
    EXPECT_EQ(state(needed), CheckState::pass);
    EXPECT_EQ(state(below), CheckState::blocked) << "it has not passed since";
  }
  below_says = Finding::fail(Reason::missing, "no such file");
  run(below);
  EXPECT_NE(state(below), CheckState::pass);
}

TEST_F(KernelTurnTest, AWaiverThatIsGivenAgainIsNone) {
  member_says = Finding::fail(Reason::content, "bad");
  need_any_of({member});
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"member", "known", 1h, {}, false})));
  pass_time(1min);
  ASSERT_EQ(state(below), CheckState::pass);
  const int runs = below_probe->runs;
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"member", "known", 2h, {}, false})));
  member_says = Finding::pass();
  run(member);
  ASSERT_TRUE(process->decide(process->desk.end_waiver(lead, "member")));
  EXPECT_EQ(state(below), CheckState::pass) << "what it needs was good all the time";
  pass_time(1min);
  EXPECT_EQ(below_probe->runs, runs);
}

TEST_F(KernelTurnTest, ARuleThatAsksForLessIsARecovery) {
  const auto change = [this](int how) {
    reload([how](Checklist& list) {
      if (how == 0) list.checks[needed] = composite({above, member}, false, 1);
      if (how == 1) list.checks[needed] = composite({above}, true, 1);
      if (how == 2) list.checks[above].depends_on.clear();
    });
  };
  for (const int how : {0, 1, 2}) {
    below_says = Finding::pass();
    member_says = Finding::fail(Reason::content, "bad");
    need_all_of(how == 2 ? std::vector{above} : std::vector{above, member});
    if (how == 2) reload([](Checklist& list) { list.checks[above].depends_on = {member}; });
    pass_time(1min);
    lose_target_of_below();
    change(how);
    expect_below_was_run();
  }
}

// What is known of it outlives the process.
TEST_F(KernelTurnTest, ARestartForgetsNoRecovery) {
  need(signed_by_lead());
  lose_target_of_below();
  below_says = Finding::unknown(Reason::prober, "cannot look");
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"needed", "", "", ""})));
  ASSERT_EQ(state(below), CheckState::blocked);
  const auto list = process->config.checklist;
  adjust = [list](Config& config) { config.checklist = list; };
  start(1s);
  EXPECT_EQ(state(needed), CheckState::pass);
  EXPECT_EQ(state(below), CheckState::blocked);
  below_says = Finding::pass();
  pass_time(1min);
  EXPECT_EQ(state(below), CheckState::pass);
  const int runs = below_probe->runs;
  start(1s);
  EXPECT_EQ(state(below), CheckState::pass) << "with its fresh result at once";
  pass_time(1min);
  EXPECT_EQ(below_probe->runs, runs);
}

TEST_F(KernelTurnTest, WhileTheDaemonIsDownSomethingMayRecoverAsWell) {
  need(signed_by_lead());
  lose_target_of_below();
  const auto list = std::make_shared<Checklist>(*process->config.checklist);
  list->checks[needed] = composite({above}, true, 1);
  adjust = [list](Config& config) { config.checklist = list; };
  start(1s);
  EXPECT_EQ(state(needed), CheckState::pass);
  EXPECT_EQ(state(below), CheckState::blocked);
  expect_below_was_run();
}

// A run that was under way, or that says nothing, is not the one that is waited for.
TEST_F(KernelTurnTest, ItIsRunAgainUntilARunSaysHowItIs) {
  need(signed_by_lead());
  lose_target_of_below();
  below_says = Finding::unknown(Reason::prober, "cannot look");
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"needed", "", "", ""})));
  pass_time(1s);
  ASSERT_EQ(state(below), CheckState::blocked);
  below_says = Finding::pass();
  pass_time(10s);
  EXPECT_EQ(state(below), CheckState::pass) << "one retry_interval later";
}

TEST_F(KernelTurnTest, AnotherIntervalMeanwhileDelaysNoRun) {
  need(signed_by_lead());
  lose_target_of_below();
  below_says = Finding::unknown(Reason::prober, "cannot look");
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"needed", "", "", ""})));
  reload([](Checklist& list) { list.checks[below].interval = 12h; });
  below_says = Finding::pass();
  pass_time(10s);
  EXPECT_EQ(state(below), CheckState::pass);
}

TEST_F(KernelTurnTest, WhatDidNotApplyOrWasNotJudgedIsRunAtOnceToo) {
  for (const Outcome before : {Outcome::skipped, Outcome::unknown}) {
    need(signed_by_lead());
    reload([](Checklist& list) { list.checks[below].fingerprint += " again"; });
    below_says = Finding::unknown(Reason::prober, "cannot look");
    below_says.outcome = before;
    run(below);
    below_says = Finding::fail(Reason::missing, "no such file");
    ASSERT_TRUE(process->decide(process->desk.sign(lead, {"needed", "", "", ""})));
    pass_time(1s);
    EXPECT_EQ(process->runtimes[below].record.last->outcome, Outcome::fail) << name_of(before);
    ASSERT_TRUE(process->decide(process->desk.withdraw(lead, "needed")));
  }
}

TEST_F(KernelTurnTest, WhatIsNotJudgedIsRunAgainSoon) {
  need(signed_by_lead());
  reload([](Checklist& list) { list.checks[below].fingerprint += " again"; });
  below_says = Finding::unknown(Reason::prober, "cannot look");
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"needed", "", "", ""})));
  pass_time(1min);
  below_says = Finding::pass();
  pass_time(10s);
  EXPECT_EQ(state(below), CheckState::pass);
}

// Of two changes between two judgements the first must not be lost.
TEST_F(KernelTurnTest, WhatWasTooOldForAMomentHasRecovered) {
  need_all_of({above});
  below_says = Finding::fail(Reason::missing, "no such file");
  process->clock.stall(10min);
  pass_time(1s);
  EXPECT_EQ(state(needed), CheckState::pass);
  EXPECT_NE(state(below), CheckState::pass);
}

TEST_F(KernelTurnTest, ACheckThatOthersDecidedMeanwhileBeginsAnew) {
  const auto list = process->config.checklist;
  run(member);
  ASSERT_EQ(state(member), CheckState::pass);
  reload([](Checklist& changed) {
    Check all = composite({above}, true, 1);
    all.id = "member";
    changed.checks[member] = all;
  });
  ASSERT_EQ(state(member), CheckState::pass);
  adjust = [list](Config& config) { config.checklist = list; };
  start(1s);
  EXPECT_EQ(state(member), CheckState::pending);
}

// Like one that a reload takes out and another puts back.
TEST_F(KernelTurnTest, ACheckThatWasTakenOutBeginsAnewAfterARestartToo) {
  const auto list = std::make_shared<Checklist>(*process->config.checklist);
  list->checks[below].depends_on.clear();
  for (const bool is_restart : {true, false}) {
    below_says = Finding::pass();
    adjust = [list](Config& config) { config.checklist = list; };
    start(1s);
    run(below);
    ASSERT_EQ(state(below), CheckState::pass);
    const auto without = std::make_shared<Checklist>(*list);
    without->checks.resize(below);
    without->gates[0].checks = {above};
    adjust = [without](Config& config) { config.checklist = without; };
    if (is_restart) {
      start(1s);
    } else {
      process->config.checklist = without;
      process->put_in_force();
    }
    below_says = Finding::fail(Reason::missing, "no such file");
    adjust = [list](Config& config) { config.checklist = list; };
    start(1s);
    EXPECT_EQ(state(below), CheckState::pending);
  }
}

}  // namespace
}  // namespace gonogo
