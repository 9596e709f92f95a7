#include "daemon/api/reload.h"

namespace gonogo {
namespace asio = boost::asio;

asio::awaitable<Response> reload_configuration(ApiContext& api, Call) {
  auto reloading = api.doors.reload();
  const std::string problems = co_await std::move(reloading);
  if (problems.empty()) co_return text_response(200, "reloaded\n");
  co_return problem_response(422, "Bad Configuration", problems);
}

}  // namespace gonogo
