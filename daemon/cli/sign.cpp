#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/decision_request.h"
#include "daemon/cli/verbs.h"
#include "daemon/formats/json_text.h"

namespace gonogo {

int sign(const CommonOptions& common, const DaemonOptions& daemon, const SignOptions& options) {
  const std::string path = path_of_decision(options.check, "signoff");
  if (options.withdraw) return send_to_daemon(common, daemon, "DELETE", path, "");
  nlohmann::json body = nlohmann::json::object();
  put_text(body, "note", options.note);
  put_text(body, "release", options.release);
  put_text(body, "role", options.role);
  return send_to_daemon(common, daemon, "POST", path, to_json_text(body));
}

}  // namespace gonogo
