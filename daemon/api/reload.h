// Reading the configuration again.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

boost::asio::awaitable<Response> reload_configuration(ApiContext& api, Call call);

}  // namespace gonogo
