// A validated configuration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/config/deploying.h"
#include "daemon/config/server.h"
#include "daemon/core/checklist.h"
#include "daemon/core/sentinel.h"
#include "daemon/formats/node.h"
#include "daemon/formats/redactor.h"

namespace gonogo {

class Renewable;
struct Resources;

struct Config {
  std::string path;
  std::shared_ptr<const Checklist> checklist;
  ServerConfig server;
  std::string store_path;
  Duration retention{};
  Duration max_unsaved{};  // the daemon's own check fails when results are not saved for longer
  SentinelRules sentinels;
  std::vector<std::string> name_servers;
  std::string docker_socket;
  std::map<std::string, std::string, std::less<>> push_keys;  // to the id of the check
  bool has_release_source = false;                            // then nobody can announce a release
  std::optional<Duration> audit_retention;                    // none: the audit is kept for ever
  DeployingConfig deploying;
  std::string report_list;  // path of the checklist that /report.md fills in; empty: none
  Redactor redactor;
  // What probes were made from and may change while they run, by the id of the check. An empty id
  // is that of the hook of `watch`.
  std::map<std::string, std::vector<std::shared_ptr<Renewable>>> renewables;
  std::string digest;  // of `shown`
  std::string shown;   // YAML with everything filled in and every secret by its name
  Problems warnings;   // the configuration is in force all the same
  Problems lacks;      // what the world lacks: checks fail for it until it is there
};

// Reads GONOGO_LISTEN (comma separated), GONOGO_STORE and systemd's STATE_DIRECTORY.
Overrides overrides_from_environment();

// `path` is a file or a folder of *.yaml files. Blocks on files, compiles expressions: not for the
// loop. The probes keep a reference to `resources`.
tl::expected<Config, Problems> load_config(const std::string& path, const Overrides& overrides,
                                           Resources& resources);

}  // namespace gonogo
