// The verdict: one pure fold of the checklist, what is known of it, and the moment.
#pragma once

#include <memory>

#include "daemon/core/board.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// GO only if no freeze is in force and every blocker is pass or warn with a fresh result, disabled,
// or covered by a live waiver. `records`: one for each check, in the order of the checklist.
// Snapshot::since is left to the caller.
Snapshot judge(std::shared_ptr<const Checklist> checklist, std::vector<CheckRecord> records,
               const Board& board, Now now);

}  // namespace gonogo
