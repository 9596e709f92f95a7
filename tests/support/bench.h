// The kernel on a table: loop, fake clock, runner and board, wired as the daemon wires them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <string>

#include "daemon/scheduling/live_board.h"
#include "daemon/scheduling/runner.h"
#include "tests/support/checklists.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {

struct Bench {
  Bench()
      : clock(loop),
        board(clock,
              [this](const Snapshot*, const Snapshot& after) { verdicts.push_back(after.go); }),
        runner(loop.get_executor(), clock,
               [this](std::size_t index, Observation seen) { take(index, std::move(seen)); }) {}

  ~Bench() {
    runner.stop();
    clock.settle();
    // Even the stubborn come to an end.
    for (const auto& probe : watched) probe->release();
    clock.settle();
  }

  void watch(std::vector<Check> checks, std::vector<std::shared_ptr<Probe>> probes) {
    for (const auto& probe : probes)
      watched.push_back(std::dynamic_pointer_cast<ScriptedProbe>(probe));
    auto list = checklist_of(std::move(checks));
    board.apply(list);
    std::vector<bool> has_result;
    for (std::size_t i = 0; i < list->checks.size(); ++i)
      has_result.push_back(board.record(i).decisive != nullptr);
    runner.start(list, std::move(probes), has_result);
  }

  void take(std::size_t index, Observation seen) {
    ++observations;
    board.take(index, std::move(seen));
    if (board.record(index).debounce.is_undecided()) {
      runner.run_by(index, clock.now() + board.checklist().checks[index].retry_interval);
    }
    board.plan(index, runner.next_run(index));
  }

  const Observation& last(std::size_t index) { return *board.record(index).last; }
  CheckState state(std::size_t index) { return board.verdict()->checks[index].state; }
  bool go() { return board.verdict()->go; }

  boost::asio::io_context loop;
  FakeClock clock;
  LiveBoard board;
  Runner runner;
  std::vector<std::shared_ptr<ScriptedProbe>> watched;
  int observations = 0;
  std::vector<bool> verdicts;
};

}  // namespace gonogo
