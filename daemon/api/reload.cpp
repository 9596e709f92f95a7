#include "daemon/api/reload.h"

namespace gonogo {
namespace asio = boost::asio;

asio::awaitable<Response> reload_configuration(ApiContext& api, Call) {
  auto reloading = api.doors.reload();
  const std::string problems = co_await std::move(reloading);
  if (!problems.empty()) co_return problem_response(422, "Bad Configuration", problems);
  std::string answer = "reloaded\n";
  for (const std::string& key : api.doors.restart_required())
    answer += key + " changed: restart the daemon to use the new value\n";
  co_return text_response(200, std::move(answer));
}

}  // namespace gonogo
