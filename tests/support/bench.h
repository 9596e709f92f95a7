// The kernel on a table: loop, fake clock, runner and board, wired as the daemon wires them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>
#include <utility>
#include <vector>

#include "daemon/scheduling/live_board.h"
#include "daemon/scheduling/runner.h"
#include "tests/support/checklists.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {

struct Bench {
  Bench()
      : clock(loop),
        board(clock, runtimes,
              [this](const Snapshot*, const Snapshot& after) { verdicts.push_back(after.go); }),
        runner(
            loop.get_executor(), clock, runtimes,
            [this](CheckRuntime& runtime, Observation seen) { take(runtime, std::move(seen)); }) {
    board.call_for_awaiting([this](const std::vector<std::size_t>& checks) {
      for (const std::size_t position : checks) runner.run_soon({&runtimes[position]});
    });
  }

  ~Bench() {
    runner.stop();
    clock.settle();
    // Even the stubborn come to an end.
    for (const auto& probe : watched) probe->release();
    clock.settle();
  }

  void watch(std::vector<Check> checks, std::vector<std::shared_ptr<Probe>> probes) {
    for (std::size_t i = 0; i < checks.size(); ++i) checks[i].probe = probes[i];
    use(checklist_of(std::move(checks)));
  }

  void use(std::shared_ptr<Checklist> list) {
    for (const Check& check : list->checks) {
      if (auto probe = std::dynamic_pointer_cast<ScriptedProbe>(check.probe))
        watched.push_back(std::move(probe));
    }
    runtimes.put_in_force(std::move(list), clock.both(), recall);
    board.apply();
    runner.start();
  }

  void take(CheckRuntime& runtime, Observation seen) {
    ++observations;
    board.take(runtime, std::make_shared<Observation>(std::move(seen)));
    if (runtime.record.debounce.is_undecided())
      runner.run_by(runtime, clock.now() + runtime.definition->retry_interval);
    runtime.record.next_run = runtime.due;
  }

  const Observation& last(std::size_t index) { return *runtimes[index].record.last; }
  CheckState state(std::size_t index) { return board.verdict()->checks[index].state; }
  bool go() { return board.verdict()->go; }

  boost::asio::io_context loop;
  FakeClock clock;
  Runtimes runtimes;
  LiveBoard board;
  Runner runner;
  Runtimes::Recall recall;
  std::vector<std::shared_ptr<ScriptedProbe>> watched;
  int observations = 0;
  std::vector<bool> verdicts;
};

}  // namespace gonogo
