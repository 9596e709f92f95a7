// A daemon on a disk that hangs, or is full, when a test says so.
#pragma once

#include "tests/support/process.h"
#include "tests/support/scripted_disk.h"

namespace gonogo {

// Its lead signs off for no release in particular.
class DiskTest : public DeployTest {
 protected:
  DiskTest() {
    adjust = [this](Config& config) {
      auto list = std::make_shared<Checklist>(*config.checklist);
      list->checks[1].signoff = SignoffRule{"lead", {}, false, 1};
      config.checklist = list;
      config.deploying.on_regressed = hook;
    };
    start();
    pass_time(2min);
  }
  ~DiskTest() override {
    disk.thaw();
    process.reset();
  }
  // Begins to write on a disk that hangs from now on.
  template <typename Answer>
  void ask(boost::asio::awaitable<Answer> writing, std::optional<Answer>& answered) {
    while (process->store->progress().has_unsaved) process->settle();
    disk.freeze();
    boost::asio::co_spawn(process->loop, std::move(writing),
                          [&answered](std::exception_ptr failure, Answer answer) {
                            EXPECT_FALSE(failure);
                            answered = std::move(answer);
                          });
    process->loop.restart();
    process->loop.poll();
    disk.await_hanging();
  }
  template <typename Answer>
  Answer finish(const std::optional<Answer>& answered) {
    process->loop.restart();
    while (!answered) process->loop.run_one();
    return *answered;
  }
  // Writes on a disk that hangs for longer than anybody waits.
  template <typename Answer>
  Answer decide_while_it_hangs(boost::asio::awaitable<Answer> writing) {
    std::optional<Answer> answered;
    ask(std::move(writing), answered);
    elapsed += 10s;
    process->clock.advance(10s);
    return finish(answered);
  }
  void thaw() {
    disk.thaw();
    for (int i = 0; i < 3; ++i) process->settle();
  }

  std::shared_ptr<ScriptedProbe> hook = ScriptedProbe::answering(Finding::pass("rolled back"));
  ScriptedDisk disk;
};

}  // namespace gonogo
