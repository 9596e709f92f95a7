// The verdict: one pure fold of the checklist, what is known of it, and the moment.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/board.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// GO only if no freeze is in force and every blocker is pass or warn with a fresh result, disabled,
// or covered by a live waiver. `records`: one for each check, in the order of the checklist.
// The `since` of the verdict and of the gates is now, until keep_since() knows better.
Snapshot judge(std::shared_ptr<const Checklist> checklist, std::vector<CheckRecord> records,
               const Board& board, Now now);

// Verdicts and when they began.
struct FormerVerdicts {
  struct Verdict {
    bool go = false;
    WallTime since{};
  };
  std::optional<Verdict> whole;
  std::map<std::string, Verdict, std::less<>> gates;  // by id
};
FormerVerdicts verdicts_of(const Snapshot& snapshot);

// Writes into `snapshot` since when its verdict and those of its gates are what they are: since
// before where they were the same, also before a reload or a restart, else since now.
void keep_since(Snapshot& snapshot, const FormerVerdicts& before);

}  // namespace gonogo
