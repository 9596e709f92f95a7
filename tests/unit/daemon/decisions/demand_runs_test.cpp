#include "daemon/decisions/demand_runs.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

Check on_demand(const std::string& id) {
  Check check = probed_check(id, 1h, 20s);
  check.on_demand = true;
  return check;
}

class DemandRunsTest : public testing::Test {
 protected:
  using Probes = std::vector<std::shared_ptr<Probe>>;

  void use(std::vector<Check> checks) {
    Probes probes;
    for (const Check& check : checks) {
      if (!check.has_probe()) {
        probes.push_back(nullptr);
      } else {
        probes.push_back(std::make_shared<ScriptedProbe>([this, id = check.id] {
          ran.push_back(id);
          return Finding::pass();
        }));
      }
    }
    bench.watch(std::move(checks), std::move(probes));
    bench.clock.advance(1s);
    ran.clear();
  }
  std::vector<std::string> missing() { return missing_runs(*bench.board.verdict()); }

  // Begins to run what is missing; `answer` is set when it is done.
  void begin() {
    boost::asio::co_spawn(bench.loop, runs.run(missing(), [this] { return is_waited_for; }),
                          [this](std::exception_ptr failure, DemandRuns::Ran done) {
                            EXPECT_FALSE(failure);
                            answer = std::move(done);
                          });
    bench.clock.settle();
  }

  Bench bench;
  std::vector<std::string> ran;
  bool is_waited_for = true;
  std::optional<DemandRuns::Ran> answer;
  DemandRuns runs{bench.clock, bench.runtimes, bench.runner};
};

TEST_F(DemandRunsTest, BlockersWithoutAFreshResultAreRunOneAfterTheOther) {
  Check advisory = on_demand("advisory");
  advisory.severity = Severity::advisory;
  use({on_demand("build"), probed_check("api"), advisory, on_demand("load")});
  EXPECT_EQ(missing(), (std::vector<std::string>{"build", "load"}));
  begin();
  bench.clock.advance(1s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->problem, "");
  EXPECT_EQ(answer->checks, ran);
  EXPECT_EQ(ran, (std::vector<std::string>{"build", "load"}));
  EXPECT_TRUE(missing().empty()) << "they are fresh";
  bench.clock.advance(3h);
  EXPECT_EQ(missing(), (std::vector<std::string>{"build", "load"})) << "they are stale";
}

TEST_F(DemandRunsTest, WhatABlockerNeedsIsRunBeforeIt) {
  Check needed = on_demand("needed");
  needed.severity = Severity::advisory;
  Check member = on_demand("member");
  member.severity = Severity::advisory;
  Check all;
  all.id = "all";
  all.kind = "composite";
  all.composite.emplace();
  all.composite->at_least = 1;
  all.composite->members = {{false, 3}};
  Check build = on_demand("build");
  build.depends_on = {1};
  use({build, needed, all, member});
  EXPECT_EQ(missing(), (std::vector<std::string>{"needed", "build", "member"}));
}

TEST_F(DemandRunsTest, AFailureIsAResultAndAWaiverNeedsNone) {
  use({on_demand("build"), on_demand("load")});
  bench.take(bench.runtimes[0], [&] {
    Observation failed(Finding::fail(Reason::status, "no"));
    failed.at = bench.clock.both();
    return failed;
  }());
  bench.board.change([&](Board& board) {
    Waiver waiver;
    waiver.check = "load";
    waiver.from = bench.clock.wall();
    waiver.until = waiver.from + 1h;
    board.waivers.push_back(waiver);
  });
  EXPECT_TRUE(missing().empty());
}

class HangingRunsTest : public DemandRunsTest {
 protected:
  HangingRunsTest() {
    bench.watch({on_demand("build"), on_demand("load")},
                {hanging, std::make_shared<ScriptedProbe>([this] {
                   ran.emplace_back("load");
                   return Finding::pass();
                 })});
  }
  std::shared_ptr<ScriptedProbe> hanging = ScriptedProbe::stubborn();
};

TEST_F(HangingRunsTest, ARunThatHangsEndsAtItsDeadline) {
  begin();
  bench.clock.advance(19s);
  EXPECT_FALSE(answer);
  bench.clock.advance(2s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->checks, (std::vector<std::string>{"build", "load"}));
  EXPECT_EQ(bench.state(0), CheckState::fail);
}

TEST_F(HangingRunsTest, WhenTheCallerIsGoneNothingMoreIsRun) {
  begin();
  bench.clock.advance(1s);
  is_waited_for = false;
  bench.clock.advance(1s);
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->problem, "");
  EXPECT_TRUE(ran.empty());
}

TEST_F(HangingRunsTest, ACheckThatAReloadTookAwayIsNotWaitedFor) {
  begin();
  bench.clock.advance(1s);
  bench.watch({probed_check("api")}, {ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(1s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->problem, "");
}

TEST_F(HangingRunsTest, WaitingForRoomInAGroupIsBounded) {
  Check first = on_demand("first");
  first.group = 0;
  first.timeout = 1h;
  Check second = on_demand("second");
  second.group = 0;
  second.id = "second";
  auto list = checklist_of({first, second});
  list->groups.push_back({});
  list->groups[0].most_at_once = 1;
  list->checks[0].probe = ScriptedProbe::hanging();
  list->checks[1].probe = ScriptedProbe::answering(Finding::pass());
  bench.use(list);
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(1s);
  boost::asio::co_spawn(
      bench.loop, runs.run({"second"}, [] { return true; }),
      [this](std::exception_ptr, DemandRuns::Ran done) { answer = std::move(done); });
  bench.clock.advance(5min);
  ASSERT_TRUE(answer);
  EXPECT_NE(answer->problem.find("second"), std::string::npos) << answer->problem;
}

}  // namespace
}  // namespace gonogo
