// Nothing becomes good, or stays good, because of a restart, a reload, or what others do.
#include <filesystem>

#include "daemon/kernel.h"
#include "tests/support/kernel_bench.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

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

}  // namespace
}  // namespace gonogo
