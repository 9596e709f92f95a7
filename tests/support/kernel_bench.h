// One life of a daemon after the other, whose configuration changes.
#pragma once

#include <functional>
#include <memory>

#include "tests/support/process.h"

namespace gonogo {

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

}  // namespace gonogo
