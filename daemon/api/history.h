// What the store keeps: changes of state, deploys, and the audit.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

boost::asio::awaitable<Response> show_history(ApiContext& api, Call call);
boost::asio::awaitable<Response> show_check_history(ApiContext& api, Call call);
boost::asio::awaitable<Response> list_deploys(ApiContext& api, Call call);
boost::asio::awaitable<Response> show_audit(ApiContext& api, Call call);

}  // namespace gonogo
