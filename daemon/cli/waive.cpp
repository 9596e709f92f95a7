#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/decision_request.h"
#include "daemon/cli/verbs.h"
#include "daemon/formats/json_text.h"

namespace gonogo {

int waive(const CommonOptions& common, const DaemonOptions& daemon, const WaiveOptions& options) {
  const std::string path = path_of_decision(options.check, "waiver");
  if (options.end) return send_to_daemon(common, daemon, "DELETE", path, "");
  if (options.why.empty() || (options.lasts.empty() && options.until.empty())) {
    std::cerr << "a waiver needs --why, and --for or --until\n";
    return exit_usage;
  }
  nlohmann::json body = nlohmann::json::object();
  put_text(body, "why", options.why);
  put_text(body, "for", options.lasts);
  put_text(body, "until", options.until);
  if (options.this_release) body["this_release"] = true;
  return send_to_daemon(common, daemon, "POST", path, to_json_text(body));
}

}  // namespace gonogo
