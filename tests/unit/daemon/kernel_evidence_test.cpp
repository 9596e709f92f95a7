// Nothing becomes good, or stays good, because of a restart, a reload, or what others do.
#include <filesystem>

#include "daemon/kernel.h"
#include "tests/support/process.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

class KernelEvidenceTest : public DeployTest {
 protected:
  using Change = std::function<void(Checklist&)>;

  // Of the first check: it is run once in an hour.
  static void run_seldom(Checklist& list) {
    list.checks[0].interval = 1h;
    list.checks[0].retry_interval = 3s;
    list.checks[0].stale_after = 2h;
  }
  void reload(const Change& change) {
    auto list = std::make_shared<Checklist>(*process->config.checklist);
    change(*list);
    process->config.checklist = list;
    process->put_in_force();
  }
  // A restart with this configuration.
  void restart(const Change& change, Duration down = 1s) {
    adjust = [change](Config& config) {
      auto list = std::make_shared<Checklist>(*config.checklist);
      change(*list);
      config.checklist = list;
    };
    start(down);
  }
  void run(std::size_t check = 0) {
    process->kernel.runner().run_now(process->runtimes[check]);
    pass_time(1ms);
  }
  CheckState state(std::size_t check = 0) { return process->board.verdict()->checks[check].state; }
};

TEST_F(KernelEvidenceTest, AFailureThatHasNotDecidedIsFollowedSoonAfterARestartOrAnotherInterval) {
  const auto twice = [](Checklist& list) {
    run_seldom(list);
    list.checks[0].debounce.fall = 2;
  };
  for (const bool is_restart : {true, false}) {
    target->up = true;
    restart(twice);
    pass_time(2h);
    ASSERT_EQ(state(), CheckState::pass);
    target->up = false;
    run();
    ASSERT_EQ(state(), CheckState::pass) << "one of two failures";
    if (is_restart) {
      restart(twice);
    } else {
      reload([](Checklist& list) { list.checks[0].interval = 2h; });
    }
    pass_time(3s);
    EXPECT_EQ(state(), CheckState::fail) << (is_restart ? "restart" : "reload");
  }
}

TEST_F(KernelEvidenceTest, FailuresThatWereTooFewDecideUnderAStricterRule) {
  for (const bool is_restart : {true, false}) {
    for (const int fall : {1, 2, 3}) {
      const auto failing = [](int failures) {
        return [failures](Checklist& list) {
          run_seldom(list);
          list.checks[0].retry_interval = 30min;
          list.checks[0].debounce.fall = failures;
        };
      };
      target->up = true;
      restart(failing(4));
      pass_time(4h);
      ASSERT_EQ(state(), CheckState::pass);
      target->up = false;
      run();
      run();
      ASSERT_EQ(state(), CheckState::pass) << "two of four failures";
      is_restart ? restart(failing(fall)) : reload(failing(fall));
      EXPECT_EQ(state(), fall > 2 ? CheckState::pass : CheckState::fail) << fall;
      EXPECT_EQ(process->board.verdict()->checks[0].summary, fall > 2 ? "" : "connection refused");
      target->up = true;
      pass_time(4h);
      EXPECT_EQ(state(), CheckState::pass);
    }
  }
}

TEST_F(KernelEvidenceTest, ARunThatWasMissedIsMadeUpFor) {
  const auto seldom = [](Checklist& list) { run_seldom(list); };
  restart(seldom);
  pass_time(2h);
  ASSERT_EQ(state(), CheckState::pass);
  restart(seldom, 1h);
  target->up = false;
  pass_time(5s);
  EXPECT_EQ(state(), CheckState::fail);
}

TEST_F(KernelEvidenceTest, AResultThatWasTooOldStaysSoWhateverTheRuleBecomes) {
  const auto fresh_for = [](Duration span) {
    return [span](Checklist& list) {
      list.checks[0].on_demand = true;
      list.checks[0].stale_after = span;
    };
  };
  for (const bool is_restart : {true, false}) {
    restart(fresh_for(5s));
    run();
    ASSERT_EQ(state(), CheckState::pass);
    pass_time(7s);
    ASSERT_EQ(state(), CheckState::stale);
    is_restart ? restart(fresh_for(1h)) : reload(fresh_for(1h));
    EXPECT_EQ(state(), CheckState::stale);
    restart(fresh_for(1h));
    EXPECT_EQ(state(), CheckState::stale) << "after a restart as well";
    EXPECT_NE(process->board.verdict()->checks[0].summary.find("was too old before"),
              std::string::npos);
    run();
    EXPECT_EQ(state(), CheckState::pass);
    // One that is still fresh counts as long as the new rule says.
    reload(fresh_for(2h));
    pass_time(90min);
    EXPECT_EQ(state(), CheckState::pass);
  }
}

// Its mark is missing then: what it saw last may not be in the store.
TEST_F(KernelEvidenceTest, AfterAProcessThatCouldNotSaveAllEverythingIsRunAgain) {
  for (const bool was_orderly : {true, false}) {
    for (const bool on_demand : {true, false}) {
      const auto seldom = [on_demand](Checklist& list) {
        run_seldom(list);
        list.checks[0].on_demand = on_demand;
      };
      target->up = true;
      restart(seldom);
      run();
      ASSERT_EQ(state(), CheckState::pass);
      target->up = false;
      process.reset();
      if (!was_orderly) {
        ASSERT_TRUE(std::filesystem::remove(scratch.path("gonogo.db.closed")));
      }
      restart(seldom);
      pass_time(1s);
      EXPECT_EQ(state(), was_orderly ? CheckState::pass
                         : on_demand ? CheckState::pending
                                     : CheckState::fail);
    }
  }
}

TEST_F(KernelEvidenceTest, WhatComparedAVersionWithTheFormerReleaseDoesNotCountForAnother) {
  restart([](Checklist& list) {
    run_seldom(list);
    list.checks[0].is_of_release = true;
  });
  pass_time(2h);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  pass_time(1s);
  ASSERT_EQ(state(), CheckState::pass);
  target->up = false;  // what runs is v1
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v2")));
  EXPECT_EQ(state(), CheckState::pending);
  start(1s);
  EXPECT_NE(state(), CheckState::pass) << "after a restart as well";
  pass_time(1s);
  EXPECT_EQ(state(), CheckState::fail);
}

// Such as one that says which version it wants, and the one that reads the release itself.
TEST_F(KernelEvidenceTest, WhatComparesWithNoReleaseGoesOnWhenThatIsAnother) {
  restart([](Checklist& list) {
    run_seldom(list);
    list.checks[0].kind = "version";
  });
  pass_time(2h);
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v1")));
  ASSERT_EQ(state(), CheckState::pass);
  const auto runs = process->runtimes[0].record.runs;
  ASSERT_TRUE(process->decide(process->desk.announce(ci, "v2")));
  EXPECT_EQ(state(), CheckState::pass);
  pass_time(1s);
  EXPECT_EQ(process->runtimes[0].record.runs, runs);
}

TEST_F(KernelEvidenceTest, ADeployWaitsForWhatComparesAVersionWithItsRelease) {
  const auto seldom = [](Checklist& list) {
    run_seldom(list);
    list.checks[0].is_of_release = true;
    list.checks.pop_back();  // the sign-off
    list.gates[0].checks.pop_back();
  };
  for (const bool is_there : {true, false}) {
    target->up = true;
    restart(seldom);
    pass_time(2h);
    ASSERT_EQ(state(), CheckState::pass);
    target->up = is_there;
    DeployRequest request;
    request.version = is_there ? "v2" : "v3";
    std::optional<Decided> decided;
    boost::asio::co_spawn(process->loop, process->desk.deploy(ci, request),
                          [&](std::exception_ptr failure, Decided answer) {
                            EXPECT_FALSE(failure);
                            decided = std::move(answer);
                          });
    for (int i = 0; i < 100 && !decided; ++i) pass_time(100ms);
    ASSERT_TRUE(decided);
    EXPECT_EQ(decided->has_value(), is_there);
    if (!*decided) {
      EXPECT_NE(decided->error().text.find("api fail"), std::string::npos) << decided->error().text;
    }
  }
}

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

}  // namespace
}  // namespace gonogo
