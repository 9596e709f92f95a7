#include "daemon/api/decisions.h"

#include <array>
#include <nlohmann/json.hpp>

#include "daemon/api/answers.h"
#include "daemon/api/request_body.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/formats/json_text.h"
#include "exporters/snapshot_document.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using nlohmann::json;

Response answer_of(const Decided& decided) {
  if (decided) return json_response(201, *decided);
  constexpr std::array<std::pair<int, const char*>, 5> titles{{{400, "Bad Request"},
                                                               {403, "Forbidden"},
                                                               {404, "Not Found"},
                                                               {409, "Conflict"},
                                                               {503, "Service Unavailable"}}};
  for (const auto& [status, title] : titles) {
    if (status == decided.error().status)
      return problem_response(status, title, decided.error().text);
  }
  return problem_response(500, "Internal Server Error", decided.error().text);
}

}  // namespace

Response list_signoffs(ApiContext& api, const Call&) {
  return json_response(200, signoffs_json(*api.doors.latest()));
}

Response list_waivers(ApiContext& api, const Call&) {
  return json_response(200, waivers_json(*api.doors.latest()));
}

Response show_release(ApiContext& api, const Call&) {
  const json document{{"release", api.doors.latest()->release}};
  return json_response(200, to_json_text(document) + "\n");
}

asio::awaitable<Response> sign_off(ApiContext& api, Call call) {
  RequestBody body(call.request);
  SignRequest request;
  request.check = call.part("id");
  request.role = body.text("role");
  request.note = body.text("note");
  request.release = body.text("release");
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  auto signing = api.desk.sign(std::move(call.caller), std::move(request));
  const Decided decided = co_await std::move(signing);
  co_return answer_of(decided);
}

asio::awaitable<Response> withdraw_signoff(ApiContext& api, Call call) {
  std::string check = call.part("id");
  auto withdrawing = api.desk.withdraw(std::move(call.caller), std::move(check));
  const Decided decided = co_await std::move(withdrawing);
  co_return answer_of(decided);
}

asio::awaitable<Response> waive_check(ApiContext& api, Call call) {
  RequestBody body(call.request);
  WaiveRequest request;
  request.check = call.part("id");
  request.why = body.text("why");
  request.lasts = body.duration("for");
  request.until = body.time("until");
  request.this_release = body.flag("this_release");
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  auto waiving = api.desk.waive(std::move(call.caller), std::move(request));
  const Decided decided = co_await std::move(waiving);
  co_return answer_of(decided);
}

asio::awaitable<Response> end_waiver(ApiContext& api, Call call) {
  std::string check = call.part("id");
  auto ending = api.desk.end_waiver(std::move(call.caller), std::move(check));
  const Decided decided = co_await std::move(ending);
  co_return answer_of(decided);
}

asio::awaitable<Response> announce_release(ApiContext& api, Call call) {
  RequestBody body(call.request);
  std::string release = body.text("release");
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  auto announcing = api.desk.announce(std::move(call.caller), std::move(release));
  const Decided decided = co_await std::move(announcing);
  co_return answer_of(decided);
}

asio::awaitable<Response> start_deploy(ApiContext& api, Call call) {
  RequestBody body(call.request);
  DeployRequest request;
  request.version = body.text("version");
  request.watch = body.duration("watch");
  request.force = body.flag("force");
  request.reason = body.text("reason");
  request.run = body.flag("run", true);
  request.is_waited_for = call.request.is_waited_for;
  if (const std::string problem = body.problem(); !problem.empty()) co_return bad_request(problem);
  auto deploying = api.desk.deploy(std::move(call.caller), std::move(request));
  const Decided decided = co_await std::move(deploying);
  co_return answer_of(decided);
}

}  // namespace gonogo
