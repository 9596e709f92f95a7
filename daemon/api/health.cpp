#include "daemon/api/health.h"

namespace gonogo {

Response show_liveness(ApiContext&, const Call&) { return text_response(200, "ok\n"); }

Response show_readiness(ApiContext& api, const Call&) {
  const std::string why = api.doors.not_ready();
  if (!why.empty()) return text_response(503, "not ready: " + why + "\n");
  return text_response(200, "ready\n");
}

}  // namespace gonogo
