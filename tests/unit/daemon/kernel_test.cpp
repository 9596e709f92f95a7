#include "daemon/kernel.h"

#include "tests/support/process.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

class KernelTest : public DeployTest {
 protected:
  void define_api_as(const std::string& fingerprint) {
    auto list = std::make_shared<Checklist>(*process->config.checklist);
    list->checks[0].fingerprint = fingerprint;
    process->config.checklist = list;
    process->put_in_force();
  }
  CheckState api() { return process->board.verdict()->checks[0].state; }
};

TEST_F(KernelTest, ADeployThatWaitsForARunIsAnsweredWhenTheDaemonStops) {
  auto list = std::make_shared<Checklist>(*process->config.checklist);
  Check load = probed_check("load", 30s, 1h);
  load.on_demand = true;
  load.probe = ScriptedProbe::hanging();
  list->gates[0].checks.push_back(list->checks.size());
  list->checks.push_back(load);
  process->config.checklist = list;
  process->put_in_force();
  DeployRequest request;
  request.version = "v1";
  std::optional<Decided> decided;
  boost::asio::co_spawn(process->loop, process->desk.deploy(ci, request),
                        [&](std::exception_ptr failure, Decided answer) {
                          EXPECT_FALSE(failure);
                          decided = std::move(answer);
                        });
  pass_time(1min);
  ASSERT_FALSE(decided) << "it waits for the run";
  process->kernel.stop();
  process->clock.settle();
  ASSERT_TRUE(decided);
  ASSERT_FALSE(*decided);
  EXPECT_EQ(decided->error().text, "no deploy: this daemon is stopping");
}

TEST_F(KernelTest, AResultFromBeforeTheDefinitionChangedAndChangedBackDoesNotCountAfterARestart) {
  pass_time(1min);
  ASSERT_EQ(api(), CheckState::pass);
  define_api_as("another");
  define_api_as("f1");
  ASSERT_EQ(api(), CheckState::pending);
  start(1s);
  EXPECT_EQ(api(), CheckState::pending) << "nothing has passed since it was NO-GO";
}

TEST_F(KernelTest, AResultThatWasDatedInTheFutureDoesNotCountWhenItsTimeHasCome) {
  pass_time(1min);
  ASSERT_EQ(api(), CheckState::pass);
  start(-50s);
  ASSERT_EQ(api(), CheckState::pending) << "the clock was set back: the result is not trusted";
  start(50s);
  EXPECT_EQ(api(), CheckState::pending) << "nothing has passed since it was NO-GO";
}

TEST_F(KernelTest, WhatEndedByItselfIsWrittenDownAtOnce) {
  begin();
  ASSERT_TRUE(process->decide(process->desk.waive(lead, {"api", "known", 1h, {}, false})));
  pass_time(1h);
  EXPECT_TRUE(process->has_written("waiver-ended"));
  pass_time(7 * 24h);
  EXPECT_TRUE(process->has_written("signoff-ended"));
}

TEST_F(KernelTest, AResultOfADefinitionThatStayedCountsAfterAReloadAndARestart) {
  pass_time(1min);
  process->put_in_force();
  ASSERT_EQ(api(), CheckState::pass);
  start(1s);
  EXPECT_EQ(api(), CheckState::pass);
}

TEST_F(KernelTest, WhatWasSeenAfterTheChangeCountsAfterARestart) {
  pass_time(1min);
  define_api_as("another");
  define_api_as("f1");
  pass_time(1min);
  ASSERT_EQ(api(), CheckState::pass);
  start(1s);
  EXPECT_EQ(api(), CheckState::pass);
}

}  // namespace
}  // namespace gonogo
