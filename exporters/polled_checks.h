// Which checks of a snapshot a poll was about.
#pragma once

#include <cstddef>
#include <vector>

#include "daemon/core/snapshot.h"

namespace gonogo {

struct PolledChecks {
  bool is_all = true;               // then `asked` does not count
  std::vector<std::size_t> asked;   // the verdict is over these
  std::vector<std::size_t> needed;  // these only explain it

  bool is_asked(std::size_t index) const;
  bool is_shown(std::size_t index) const;
};

// Blockers among what was asked for that are not good; in `checks`, or in all gates.
std::size_t count_blocking(const Snapshot& snapshot, const PolledChecks& polled,
                           const std::vector<std::size_t>& checks);
std::size_t count_blocking(const Snapshot& snapshot, const PolledChecks& polled);

bool is_go(const Snapshot& snapshot, const PolledChecks& polled);

}  // namespace gonogo
