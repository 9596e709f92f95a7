// What the results of one check say by themselves, without its dependencies, sign-offs and waivers.
#pragma once

#include "daemon/core/snapshot.h"

namespace gonogo {

struct OwnState {
  CheckState state = CheckState::pending;
  Reason reason = Reason::never_run;
};
OwnState own_state(const Check& check, const CheckRecord& record, SteadyTime now);

// Flapping holds the check at fail.
bool is_held(const CheckRecord& record, SteadyTime now);

// Writes into `status`, which has its own state already, why that is so and what clears it.
void explain_own_state(CheckStatus& status, Now now);

}  // namespace gonogo
