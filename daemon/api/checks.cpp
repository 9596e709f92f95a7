#include "daemon/api/checks.h"

#include "daemon/api/answers.h"
#include "daemon/core/text.h"
#include "exporters/snapshot_document.h"

namespace gonogo {

Response show_snapshot(ApiContext& api, const Call&) {
  Response response;
  response.content_type = "application/json";
  response.body = rendered(api.documents.snapshot_json, api.doors.latest(), snapshot_json);
  return response;
}

Response list_checks(ApiContext& api, const Call&) {
  return json_response(200, checks_json(*api.doors.latest()));
}

Response list_gates(ApiContext& api, const Call&) {
  return json_response(200, gates_json(*api.doors.latest()));
}

Response show_check(ApiContext& api, const Call& call) {
  const std::shared_ptr<const Snapshot> snapshot = api.doors.latest();
  const auto index = snapshot->checklist->find_check(call.part("id"));
  if (!index) return not_found("no check " + in_quotes(call.part("id")));
  return json_response(200, check_json(*snapshot, *index));
}

Response run_check(ApiContext& api, const Call& call) {
  const auto problem = api.doors.run_now(call.part("id"));
  if (problem) return not_found(*problem);
  return text_response(202, "run requested\n");
}

}  // namespace gonogo
