// How the daemon itself is. These answers say nothing that a stranger could not know.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

Response show_liveness(ApiContext& api, const Call& call);
Response show_readiness(ApiContext& api, const Call& call);

}  // namespace gonogo
