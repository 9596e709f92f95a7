// What a probe is given for one run.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "daemon/core/clock.h"
#include "daemon/core/observation.h"
#include "daemon/core/probe_memory.h"

namespace gonogo {

// One run of a probe: the stage it is at, when it began, its deadline, and what the probe
// remembers. daemon/scheduling/attempt.cpp alone ends it.
class Attempt {
 public:
  Attempt(const Clock& clock, SteadyTime deadline,
          std::shared_ptr<ProbeMemory> memory = std::make_shared<ProbeMemory>())
      : clock_(clock),
        began_(clock.both()),
        entered_(began_.steady),
        deadline_(deadline),
        memory_(std::move(memory)) {}

  // The stage that follows; the one before it is over. Entering a stage again adds to its time.
  void enter(Stage stage);

  Stage stage() const { return stage_; }
  const Now& began() const { return began_; }
  SteadyTime deadline() const { return deadline_; }
  Duration remaining() const { return deadline_ - clock_.now(); }
  Duration elapsed() const { return clock_.now() - began_.steady; }
  const Clock& clock() const { return clock_; }

  // What of this host it depends on; those who reach the world for it write it down.
  Dependence& needed() { return needed_; }

  // It belongs to the check, not to the probe object: a reload replaces the probe and keeps it.
  ProbeMemory& memory() { return *memory_; }

  // Ends the last stage and gives away the phases.
  std::vector<Phase> take_phases();

 private:
  const Clock& clock_;
  Now began_;
  SteadyTime entered_;
  SteadyTime deadline_;
  std::shared_ptr<ProbeMemory> memory_;
  Stage stage_ = Stage::start;
  std::vector<Phase> phases_;
  Dependence needed_;
};

}  // namespace gonogo
