// Checklists in Markdown, filled in from the present snapshot.
#pragma once

#include "daemon/api/route.h"

namespace gonogo {

inline constexpr std::size_t longest_checklist = 1 << 20;

// The list comes with the request.
boost::asio::awaitable<Response> fill_in_list(ApiContext& api, Call call);
// The list is the one that the configuration names.
boost::asio::awaitable<Response> show_report(ApiContext& api, Call call);

}  // namespace gonogo
