// The fold of a composite check over its members.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/check.h"
#include "daemon/core/snapshot.h"

namespace gonogo {

// One member, as it is judged.
struct MemberStatus {
  std::string_view id;
  bool is_good = false;
  WallTime since{};
  std::optional<WallTime> earliest;  // when it could be good again, if that can be known
};

// Writes into `status` whether enough members are good, since when, and what clears it if not.
void fold_members(const CompositeRule& rule, const std::vector<MemberStatus>& members,
                  CheckStatus& status);

}  // namespace gonogo
