// The life of one check: what it is, how it is run, and what is known of it.
#pragma once

#include <memory>
#include <optional>

#include "daemon/core/board.h"
#include "daemon/core/check.h"
#include "daemon/core/clock.h"
#include "daemon/core/probe_memory.h"
#include "daemon/core/schedule.h"
#include "daemon/scheduling/attempt.h"

namespace gonogo {

// A reload moves it to the new checklist when its definition is unchanged, and drops it when it is
// not. The run under way of one that is dropped is abandoned.
struct CheckRuntime : std::enable_shared_from_this<CheckRuntime> {
  CheckRuntime(std::shared_ptr<const Check> check, std::size_t index,
               std::shared_ptr<ProbeMemory> remembered, Now now);
  ~CheckRuntime();
  CheckRuntime(const CheckRuntime&) = delete;
  CheckRuntime& operator=(const CheckRuntime&) = delete;

  const std::string& id() const { return definition->id; }

  // Another wording of the same definition is in force: results and the run under way go on.
  void redefine(std::shared_ptr<const Check> check, std::size_t index);

  std::shared_ptr<const Check> definition;  // in the checklist in force, and with it its probe
  std::size_t position = 0;                 // in that checklist
  CheckRecord record;
  std::shared_ptr<ProbeMemory> memory;

  // The runner's.
  std::optional<Schedule> schedule;  // none until the runner has seen it
  std::optional<SteadyTime> due;     // none: it runs only when asked
  Timer timer;
  std::shared_ptr<ProbeRun> run;  // the last one, which may be under way
  bool again = false;             // asked for during the run
  bool waits = false;             // for room in its group
};

}  // namespace gonogo
