#include "daemon/core/composite.h"

#include <algorithm>
#include <cassert>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

std::string ids_of_bad(const std::vector<MemberStatus>& members) {
  std::string ids;
  for (const MemberStatus& member : members) {
    if (member.is_good) continue;
    if (!ids.empty()) ids += ", ";
    ids += member.id;
  }
  return ids;
}

// The times since which members are good (or bad), earliest first.
std::vector<WallTime> times_since(const std::vector<MemberStatus>& members, bool is_good) {
  std::vector<WallTime> times;
  for (const MemberStatus& member : members) {
    if (member.is_good == is_good) times.push_back(member.since);
  }
  std::sort(times.begin(), times.end());
  return times;
}

// The earliest time at which `missing` more members could be good. Members for which no time is
// known come last.
std::optional<WallTime> earliest_clearing(const std::vector<MemberStatus>& members,
                                          std::size_t missing) {
  std::vector<std::optional<WallTime>> times;
  for (const MemberStatus& member : members) {
    if (!member.is_good) times.push_back(member.earliest);
  }
  std::sort(times.begin(), times.end(),
            [](const auto& a, const auto& b) { return a && (!b || *a < *b); });
  return times[missing - 1];
}

}  // namespace

void fold_members(const CompositeRule& rule, const std::vector<MemberStatus>& members,
                  CheckStatus& status) {
  if (members.empty()) {
    status.state = CheckState::fail;
    status.reason = Reason::composite;
    status.summary = "has no members";
    return;
  }
  const auto required = static_cast<std::size_t>(rule.at_least);
  assert(rule.at_least >= 1 && members.size() >= required);
  // The state is as old as the change of the member that made the difference.
  const std::vector<WallTime> good_since = times_since(members, true);
  if (good_since.size() >= required) {
    status.since = good_since[required - 1];
    return;
  }
  status.since = times_since(members, false)[members.size() - required];
  status.state = CheckState::fail;
  status.reason = Reason::composite;
  status.summary = std::to_string(good_since.size()) + " of " + std::to_string(members.size()) +
                   " good, wanted " + std::to_string(required) +
                   "; not good: " + on_one_line(ids_of_bad(members), 160);
  const std::size_t missing = required - good_since.size();
  status.clears_when = std::to_string(missing) + " more of them are good";
  status.earliest = earliest_clearing(members, missing);
}

}  // namespace gonogo
