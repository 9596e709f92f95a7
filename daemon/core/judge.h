// The verdict: one pure fold of the checklist, what is known of it, and the moment.
#pragma once

#include <memory>

#include "daemon/core/board.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// GO only if no freeze is in force and every blocker is pass or warn with a fresh result, disabled,
// or covered by a live waiver. `board` has one record for each check. Snapshot::since is left to
// the caller.
Snapshot judge(std::shared_ptr<const Checklist> checklist, const Board& board, Now now);

// What one check's own results say, without its dependencies, sign-offs and waivers.
struct OwnState {
  CheckState state = CheckState::pending;
  Reason reason = Reason::never_run;
};
OwnState own_state(const Check& check, const CheckRecord& record, SteadyTime now);

}  // namespace gonogo
