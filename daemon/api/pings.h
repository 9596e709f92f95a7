// Heartbeats that jobs push.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

// With the part "key", and "signal" where the path has one: "start", "fail", "log" or an exit
// status.
Response take_ping(ApiContext& api, const Call& call);

}  // namespace gonogo
