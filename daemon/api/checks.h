// Everything a snapshot holds, its checks and gates, and running a check at once.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

Response show_snapshot(ApiContext& api, const Call& call);
Response list_checks(ApiContext& api, const Call& call);
Response list_gates(ApiContext& api, const Call& call);
Response show_check(ApiContext& api, const Call& call);
Response run_check(ApiContext& api, const Call& call);

}  // namespace gonogo
