#include "daemon/core/flips.h"

#include "daemon/core/text.h"

namespace gonogo {

std::vector<std::string> flipped_by(const Snapshot& before, const Snapshot& after) {
  std::vector<std::string> flipped;
  for (std::size_t i = 0; i < after.checks.size() && before.checklist == after.checklist; ++i) {
    const Check& check = after.checklist->checks[i];
    const CheckStatus& status = after.checks[i];
    if (check.severity == Severity::advisory || before.checks[i].good == status.good) continue;
    std::string line = after.checklist->gates[check.gate].id + "/" + check.id + " ";
    line += status.waiver && status.good ? "waived" : std::string(name_of(status.state));
    if (status.reason != Reason::none) line += " (" + std::string(name_of(status.reason)) + ")";
    if (!status.summary.empty()) line += ": " + on_one_line(status.summary, 240);
    flipped.push_back(std::move(line));
  }
  if (before.frozen.has_value() != after.frozen.has_value())
    flipped.push_back(after.frozen ? "calendar: " + after.frozen->reason : "calendar: open");
  if (before.checklist != after.checklist) flipped.emplace_back("another configuration");
  return flipped;
}

}  // namespace gonogo
