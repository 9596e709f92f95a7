#include "daemon/config/config.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "daemon/config/checks.h"
#include "daemon/config/fingerprint.h"
#include "daemon/config/show.h"
#include "daemon/config/sources.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/conn.h"

namespace gonogo {
namespace {

constexpr std::size_t shortest_token = 16;

std::optional<Grant> grant_named(std::string_view name) {
  for (std::size_t i = 0; i < grant_names.size(); ++i) {
    if (grant_names.at(i) == name) return static_cast<Grant>(i);
  }
  return std::nullopt;
}

std::set<Grant> read_grants(Settings& settings, std::string_view key) {
  std::set<Grant> grants;
  for (const std::string& name : settings.texts(key)) {
    if (const auto grant = grant_named(name)) {
      grants.insert(*grant);
    } else {
      settings.complain_at(
          key,
          in_quotes(name) + " is no grant (one of read, ping, reload, run, sign, waive, deploy)");
    }
  }
  return grants;
}

std::string read_token(Settings& settings, const std::string& path) {
  const std::string file = settings.required_text("file", "ci.token");
  if (file.empty()) return {};
  try {
    std::string secret(trimmed(read_bounded_file(relative_to_config(path, file), 4096)));
    if (secret.size() < shortest_token)
      settings.complain_at(
          "file",
          "holds a token of fewer than 16 characters (openssl rand -hex 32 makes a good one)");
    settings.reading().redactor.hide(secret);
    return secret;
  } catch (const IoError& broken) {
    settings.complain_at("file", broken.what());
    return {};
  }
}

bool is_loopback(const std::string& listen) {
  if (listen.starts_with("unix:")) return true;
  const auto target = parse_host_port(listen);
  if (!target) return false;
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(target->host, error);
  return !error && address.is_loopback();
}

void read_server(Settings& root, const std::string& path, const Overrides& overrides,
                 ServerConfig& server) {
  Settings settings = root.section("server");
  server.listen = settings.texts("listen");
  if (!overrides.listen.empty()) server.listen = overrides.listen;
  if (server.listen.empty()) server.listen = {"127.0.0.1:9880"};
  bool is_wide = false;
  for (const std::string& listen : server.listen) {
    const bool fits =
        listen.starts_with("unix:/") || parse_host_port(listen) || listen.ends_with(":0");
    if (!fits)
      settings.complain_at(
          "listen", in_quotes(listen) +
                        " is no address (such as 127.0.0.1:9880 or unix:/run/gonogo/gonogo.sock)");
    is_wide = is_wide || (fits && !is_loopback(listen) && !listen.starts_with("127.0.0.1:") &&
                          !listen.starts_with("[::1]:"));
  }
  const std::string web_config = settings.text_or("web_config", "");
  if (!web_config.empty()) server.web_config = relative_to_config(path, web_config);
  for (auto& [id, section] : settings.sections("tokens")) {
    TokenConfig token;
    token.id = id;
    token.secret = read_token(section, path);
    token.may = read_grants(section, "may");
    token.roles = section.texts("roles");
    token.name = section.text_or("name", id);
    section.finish();
    server.tokens.push_back(std::move(token));
  }
  for (auto& [user, section] : settings.sections("users")) {
    UserConfig config{section.text_or("name", user), read_grants(section, "may"),
                      section.texts("roles")};
    section.finish();
    server.users[user] = std::move(config);
  }
  if (!server.users.empty() && server.web_config.empty())
    settings.complain_at("users", "need web_config, which holds their passwords");
  if (settings.has("anonymous")) {
    server.anonymous = read_grants(settings, "anonymous");
    for (const Grant grant : server.anonymous) {
      if (grant != Grant::read && grant != Grant::ping)
        settings.complain_at("anonymous",
                             "may only contain read and ping (grant the rest to a token)");
    }
  } else {
    server.anonymous = {Grant::ping};
    if (!is_wide && server.web_config.empty()) server.anonymous.insert(Grant::read);
  }
  if (is_wide && server.tokens.empty() && server.web_config.empty()) {
    settings.complain_at("listen",
                         "is reachable from other hosts without authentication (give "
                         "server.tokens or "
                         "server.web_config, or listen on 127.0.0.1)");
  }
  settings.finish();
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
  Node tree = read_sources(path, reading);
  if (!tree.is_map()) {
    if (reading.problems.empty())
      reading.problems.push_back(
          {tree.place, "", path + " holds no configuration (such as gates: ...)"});
    return tl::make_unexpected(std::move(reading.problems));
  }
  fill_in(tree, path, reading);
  Config config;
  config.path = path;
  Settings root(&tree, tree.place, "", reading);
  for (const char* key : {"vars", "secrets"}) root.has(key);
  read_server(root, path, overrides, config.server);

  Settings store = root.section("store");
  config.store_path = store.text_or("path", default_store());
  if (!overrides.store_path.empty()) config.store_path = overrides.store_path;
  config.retention = store.duration("retention").value_or(std::chrono::hours{90 * 24});
  config.audit_retention = store.duration("audit_retention");
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

  ReadChecks checks = read_checks(root, resources);
  config.deploying = read_deploying(root, checks.checklist, resources);
  root.finish();
  if (!reading.problems.empty()) {
    const auto earlier = [](const Problem& a, const Problem& b) {
      return std::tie(a.place.file, a.place.line, a.place.column) <
             std::tie(b.place.file, b.place.line, b.place.column);
    };
    std::stable_sort(reading.problems.begin(), reading.problems.end(), earlier);
    for (Problem& problem : reading.problems)
      problem.text = reading.redactor.clean(problem.text, {.dots = true});
    return tl::make_unexpected(std::move(reading.problems));
  }
  config.checklist = std::make_shared<const Checklist>(std::move(checks.checklist));
  config.push_keys = std::move(checks.push_keys);
  config.has_release_source = checks.has_release_source;
  for (Problem& warning : reading.warnings) {
    warning.text = reading.redactor.clean(warning.text, {.dots = true});
    config.warnings.push_back(std::move(warning));
  }
  config.redactor = std::move(reading.redactor);
  config.shown = config.redactor.clean(to_yaml(tree));
  // The digest covers no secret: a digest over secrets would let people guess them.
  config.digest = digest_of(config.shown);
  return config;
}

}  // namespace gonogo
