// Heartbeats that jobs push.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

// With the part "key", and "signal" where the path has one: "start", "fail", "log" or an exit
// status. Answers when it is on disk.
boost::asio::awaitable<Response> take_ping(ApiContext& api, Call call);

}  // namespace gonogo
