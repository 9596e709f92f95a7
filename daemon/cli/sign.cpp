#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/cli/daemon_client.h"
#include "daemon/cli/verbs.h"
#include "daemon/core/redactor.h"

namespace gonogo {
namespace {

using nlohmann::json;

std::string path_of(const std::string& check, const char* verb) {
  return "/api/v1/checks/" + percent_encoded(check) + "/" + verb;
}

void put(json& body, const char* key, const std::string& text) {
  if (!text.empty()) body[key] = text;
}

}  // namespace

int sign(const CommonOptions& common, const DaemonOptions& daemon, const SignOptions& options) {
  const std::string path = path_of(options.check, "signoff");
  if (options.withdraw) return send_to_daemon(common, daemon, "DELETE", path, "");
  json body = json::object();
  put(body, "note", options.note);
  put(body, "release", options.release);
  put(body, "role", options.role);
  return send_to_daemon(common, daemon, "POST", path, body.dump());
}

int waive(const CommonOptions& common, const DaemonOptions& daemon, const WaiveOptions& options) {
  const std::string path = path_of(options.check, "waiver");
  if (options.end) return send_to_daemon(common, daemon, "DELETE", path, "");
  if (options.why.empty() || (options.lasts.empty() && options.until.empty())) {
    std::cerr << "a waiver wants --why and --for or --until\n";
    return exit_usage;
  }
  json body = json::object();
  put(body, "why", options.why);
  put(body, "for", options.lasts);
  put(body, "until", options.until);
  if (options.this_release) body["this_release"] = true;
  return send_to_daemon(common, daemon, "POST", path, body.dump());
}

}  // namespace gonogo
