// What people decide: sign-offs, waivers, releases and deploys.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

Response list_signoffs(ApiContext& api, const Call& call);
Response list_waivers(ApiContext& api, const Call& call);
Response show_release(ApiContext& api, const Call& call);
boost::asio::awaitable<Response> sign_off(ApiContext& api, Call call);
boost::asio::awaitable<Response> withdraw_signoff(ApiContext& api, Call call);
boost::asio::awaitable<Response> waive_check(ApiContext& api, Call call);
boost::asio::awaitable<Response> end_waiver(ApiContext& api, Call call);
boost::asio::awaitable<Response> announce_release(ApiContext& api, Call call);
boost::asio::awaitable<Response> start_deploy(ApiContext& api, Call call);

}  // namespace gonogo
