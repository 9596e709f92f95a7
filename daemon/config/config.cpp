#include "daemon/config/config.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "daemon/config/checks.h"
#include "daemon/config/fingerprint.h"
#include "daemon/config/secrets.h"
#include "daemon/config/show.h"
#include "daemon/config/sources.h"
#include "daemon/config/surroundings.h"
#include "daemon/core/text.h"
#include "daemon/io/conn.h"

namespace gonogo {
namespace {

std::string in_words(const std::vector<std::string>& checks) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < checks.size() && i < most; ++i)
    text += (i == 0 ? "" : ", ") + checks[i];
  if (checks.size() > most) text += " and " + std::to_string(checks.size() - most) + " more";
  return text;
}

// What the world lacks, each once, however many checks need it.
Problems lacks_of(const SecretTable& secrets, const ReadChecks& checks,
                  const DeployingConfig& deploying) {
  Problems lacks;
  for (const auto& [name, secret] : secrets.entries) {
    if (secret.reading.lack.empty()) continue;
    const auto needing = checks.needed_by.find(name);
    std::string text = secret.reading.lack;
    if (needing != checks.needed_by.end()) {
      text += "; until it is there, reason `secret` makes " +
              counted(needing->second.size(), "check") + " fail: " + in_words(needing->second);
    }
    lacks.push_back({secret.source.place, "secrets." + name, std::move(text)});
  }
  std::set<std::string> said;
  for (const auto* all : {&checks.lacks, &deploying.lacks}) {
    for (const Lack& lack : *all) {
      if (said.insert(lack.problem.text).second) lacks.push_back(lack.problem);
    }
  }
  return lacks;
}

// What probes were made from that lies outside the configuration, and what of it is not there.
void take_from_outside(Config& config, const Reading& reading, ReadChecks& checks) {
  for (Problem& lack : lacks_of(*reading.secrets, checks, config.deploying)) {
    lack.text = reading.redactor.clean(lack.text, {.dots = true});
    config.lacks.push_back(std::move(lack));
  }
  config.renewables = std::move(checks.renewables);
  if (!config.deploying.renewables.empty())
    config.renewables[""] = std::exchange(config.deploying.renewables, {});
}

// The first so many are enough to begin with; in a file that is something else, each line is one.
void keep_the_first(Problems& problems) {
  constexpr std::size_t most = 100;
  if (problems.size() <= most) return;
  const std::size_t others = problems.size() - most;
  problems.resize(most);
  problems.push_back({{}, "", "and " + counted(others, "more problem")});
}

std::string default_store() {
  const char* folder = std::getenv("STATE_DIRECTORY");
  return (folder != nullptr ? std::string(folder) : std::string("/var/lib/gonogo")) + "/gonogo.db";
}

}  // namespace

Overrides overrides_from_environment() {
  Overrides overrides;
  if (const char* listen = std::getenv("GONOGO_LISTEN")) {
    std::string_view rest = listen;
    while (!rest.empty()) {
      const std::size_t comma = rest.find(',');
      overrides.listen.emplace_back(trimmed(rest.substr(0, comma)));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
  }
  if (const char* store = std::getenv("GONOGO_STORE")) overrides.store_path = store;
  return overrides;
}

tl::expected<Config, Problems> load_config(const std::string& path, const Overrides& overrides,
                                           Resources& resources) {
  Reading reading;
  reading.is_static = overrides.is_static;
  Node tree = read_sources(path, reading);
  if (!tree.is_map()) {
    if (reading.problems.empty())
      reading.problems.push_back({tree.place, "", "holds no configuration (such as gates: ...)"});
    keep_the_first(reading.problems);
    return tl::make_unexpected(std::move(reading.problems));
  }
  fill_in(tree, path, reading);
  Config config;
  config.path = path;
  Settings root(&tree, tree.place, "", reading);
  for (const char* key : {"vars", "secrets"}) root.has(key);
  config.server = read_server(root, path, overrides);

  Settings store = root.section("store");
  config.store_path = store.text_or("path", default_store());
  if (!overrides.store_path.empty()) config.store_path = overrides.store_path;
  config.retention = store.duration("retention").value_or(std::chrono::hours{90 * 24});
  config.audit_retention = store.duration("audit_retention");
  config.max_unsaved = store.duration("max_unsaved").value_or(std::chrono::minutes{5});
  store.finish();
  Settings report = root.section("report");
  config.report_list = report.text_or("list", "");
  if (!config.report_list.empty())
    config.report_list = relative_to_config(path, config.report_list);
  report.finish();

  Settings resolver = root.section("resolver");
  config.name_servers = resolver.texts("servers");
  for (const std::string& server : config.name_servers) {
    if (!parse_host_port(server, 53))
      resolver.complain_at(
          "servers", in_quotes(server) + " is no name server (such as 9.9.9.9 or 127.0.0.1:5353)");
  }
  resolver.finish();

  Settings docker = root.section("docker");
  config.docker_socket = docker.text_or("socket", "/var/run/docker.sock");
  if (config.docker_socket.starts_with("unix:")) config.docker_socket.erase(0, 5);
  if (!config.docker_socket.starts_with("/"))
    docker.complain_at(
        "socket", in_quotes(config.docker_socket) + " is no path (such as /var/run/docker.sock)");
  docker.finish();

  const Surroundings surroundings{config.name_servers, config.docker_socket, config.max_unsaved};
  ReadChecks checks = read_checks(root, surroundings, resources);
  config.deploying = read_deploying(root, checks.checklist, resources);
  root.finish();
  // Nothing but checks can wait for what the world lacks.
  for (Lack& lack : reading.lacks) {
    if (!overrides.is_static) reading.problems.push_back(std::move(lack.problem));
  }
  if (!reading.problems.empty()) {
    const auto earlier = [](const Problem& a, const Problem& b) {
      return std::tie(a.place.file, a.place.line, a.place.column) <
             std::tie(b.place.file, b.place.line, b.place.column);
    };
    std::stable_sort(reading.problems.begin(), reading.problems.end(), earlier);
    for (Problem& problem : reading.problems)
      problem.text = reading.redactor.clean(problem.text, {.dots = true});
    keep_the_first(reading.problems);
    return tl::make_unexpected(std::move(reading.problems));
  }
  config.checklist = std::make_shared<const Checklist>(std::move(checks.checklist));
  config.push_keys = std::move(checks.push_keys);
  config.has_release_source = checks.has_release_source;
  config.sentinels = std::move(checks.sentinels);
  for (Problem& warning : reading.warnings) {
    warning.text = reading.redactor.clean(warning.text, {.dots = true});
    config.warnings.push_back(std::move(warning));
  }
  take_from_outside(config, reading, checks);
  config.redactor = reading.redactor;
  config.shown = config.redactor.clean(to_yaml(tree));
  // The digest covers no secret: a digest over secrets would let people guess them.
  config.digest = digest_of(config.shown);
  return config;
}

}  // namespace gonogo
