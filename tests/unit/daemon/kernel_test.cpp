#include "daemon/kernel.h"

#include "tests/support/process.h"
#include "tests/support/scripted_disk.h"
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

// On a disk that is full at times.
class FullDiskTest : public KernelTest {
 protected:
  FullDiskTest() { begin_on_it(); }
  ~FullDiskTest() override {
    disk.fill(false);
    process.reset();
  }
  // `kind` of a check that runs every 30 s, and whose release counts.
  void begin_on_it(Duration down = {}) {
    adjust = [this](Config& config) {
      config.has_release_source = true;
      config.deploying.on_regressed = hook;
    };
    start(down);
  }
  void fill() {
    process->settle();
    disk.fill();
  }
  // The store has noticed.
  void await_problem() {
    while (process->store->problem().empty()) process->settle();
  }
  void make_room() {
    disk.fill(false);
    process->settle();
  }
  void read(const char* release) {
    target->release = release;
    pass_time(30s);
  }
  bool is_signed() { return process->board.verdict()->checks[1].good; }
  // Waits until the audit has it.
  bool has_release(const std::string& release) {
    for (int i = 0; i < 1000; ++i) {
      process->settle();
      const auto page = process->store->audit_page(0, 1000);
      if (page && page->find("\"" + release + "\\\"") != std::string::npos) return true;
    }
    return false;
  }

  ScriptedDisk disk;
  std::shared_ptr<ScriptedProbe> hook = ScriptedProbe::answering(Finding::pass("rolled back"));
};

TEST_F(FullDiskTest, AReleaseThatCouldNotBeWrittenComesNotAfterANewerOne) {
  read("v2");
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
  read("v1");
  ASSERT_TRUE(has_release("v1"));
  fill();
  read("v2");
  await_problem();
  make_room();
  read("v3");
  ASSERT_TRUE(has_release("v3"));
  pass_time(5min);
  start(1s);
  EXPECT_EQ(process->board.release(), "v3");
  EXPECT_FALSE(is_signed());
}

TEST_F(FullDiskTest, AReleaseThatCouldNotBeWrittenIsWrittenAtTheEnd) {
  read("v1");
  ASSERT_TRUE(has_release("v1"));
  fill();
  read("v2");
  await_problem();
  disk.fill(false);
  start(1s);
  EXPECT_EQ(process->board.release(), "v2");
}

TEST_F(FullDiskTest, WhatEndedWhileNothingCouldBeWrittenStaysEnded) {
  read("v1");
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
  ASSERT_TRUE(is_signed());
  fill();
  read("v2");
  read("v1");
  EXPECT_FALSE(is_signed());
  await_problem();
  disk.fill(false);
  start(1s);
  EXPECT_EQ(process->board.release(), "v1");
  EXPECT_FALSE(is_signed());
}

TEST_F(FullDiskTest, TheHookRunsOnceForADeployWhoseEndCouldNotBeWrittenAtFirst) {
  read("v1");
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
  pass_time(2min);
  DeployRequest request;
  request.version = "v1";
  request.watch = 30min;
  const Decided decided = process->decide(process->desk.deploy(ci, request));
  ASSERT_TRUE(decided) << decided.error().text;
  pass_time(5min);
  fill();
  target->up = false;
  pass_time(1min);
  await_problem();
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(hook->runs, 1);
  disk.fill(false);
  start(1s);
  pass_time(5min);
  EXPECT_EQ(process->deployment().status, DeploymentStatus::regressed);
  EXPECT_EQ(hook->runs, 1);
}

TEST_F(FullDiskTest, WhatHasToBeWrittenIsWrittenAsSoonAsThereIsRoom) {
  read("v1");
  fill();
  read("v2");
  await_problem();
  make_room();
  // No time passes: the next thing that is saved shows that there is room.
  ASSERT_TRUE(process->decide(process->desk.sign(lead, {"lead", "", "", ""})));
  const auto page = process->store->audit_page(0, 1000);
  ASSERT_TRUE(page);
  EXPECT_NE(page->find("v2"), std::string::npos) << *page;
}

}  // namespace
}  // namespace gonogo
