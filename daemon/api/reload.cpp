#include "daemon/api/reload.h"

namespace gonogo {
namespace asio = boost::asio;

asio::awaitable<Response> reload_configuration(ApiContext& api, Call) {
  auto reloading = api.doors.reload();
  const Reloaded reloaded = co_await std::move(reloading);
  if (reloaded.is_postponed) co_return problem_response(503, "Not Reloaded", reloaded.problems);
  if (!reloaded.problems.empty())
    co_return problem_response(422, "Bad Configuration", reloaded.problems);
  std::string answer = "reloaded\n";
  for (const std::string& key : api.doors.restart_required())
    answer += key + " changed: restart the daemon to use the new value\n";
  co_return text_response(200, std::move(answer));
}

}  // namespace gonogo
