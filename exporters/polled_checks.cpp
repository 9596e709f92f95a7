#include "exporters/polled_checks.h"

#include <algorithm>

namespace gonogo {
namespace {

bool holds(const std::vector<std::size_t>& all, std::size_t index) {
  return std::find(all.begin(), all.end(), index) != all.end();
}

}  // namespace

bool PolledChecks::is_asked(std::size_t index) const { return is_all || holds(asked, index); }

bool PolledChecks::is_shown(std::size_t index) const {
  return is_asked(index) || holds(needed, index);
}

std::size_t count_blocking(const Snapshot& snapshot, const PolledChecks& polled,
                           const std::vector<std::size_t>& checks) {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(), [&](std::size_t index) {
        return polled.is_asked(index) && !snapshot.checks[index].good &&
               snapshot.checklist->checks[index].severity == Severity::blocker;
      }));
}

std::size_t count_blocking(const Snapshot& snapshot, const PolledChecks& polled) {
  std::size_t count = 0;
  for (const Gate& gate : snapshot.checklist->gates)
    count += count_blocking(snapshot, polled, gate.checks);
  return count;
}

bool is_go(const Snapshot& snapshot, const PolledChecks& polled) {
  return count_blocking(snapshot, polled) == 0 && !snapshot.frozen;
}

}  // namespace gonogo
