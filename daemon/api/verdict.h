// The verdict, the metrics and the board.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

Response show_verdict(ApiContext& api, const Call& call);
Response show_metrics(ApiContext& api, const Call& call);
Response show_board(ApiContext& api, const Call& call);

}  // namespace gonogo
