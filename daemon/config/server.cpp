#include "daemon/config/server.h"

#include <algorithm>

#include "daemon/config/listen_address.h"
#include "daemon/config/sources.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/http/host_header.h"
#include "daemon/http/listener_tls.h"
#include "daemon/http/own_names.h"
#include "daemon/io/bounded_file.h"

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
  if (file.empty() || settings.reading().is_static) return {};
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

void read_callers(Settings& settings, const std::string& path, ServerConfig& server) {
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
}

void read_listen(Settings& settings, const Overrides& overrides, ServerConfig& server) {
  server.listen = settings.texts("listen");
  if (!overrides.listen.empty()) server.listen = overrides.listen;
  if (server.listen.empty()) server.listen = {"127.0.0.1:9880"};
  for (const std::string& listen : server.listen) {
    if (parse_listen(listen)) continue;
    const bool is_name = parse_host_port(listen).has_value();
    settings.complain_at("listen", in_quotes(listen) +
                                       " is no address (such as 127.0.0.1:9880 or "
                                       "unix:/run/gonogo/gonogo.sock" +
                                       (is_name ? "; of names only localhost is known)" : ")"));
  }
  if (const auto twice = find_listened_twice(server.listen)) {
    const bool is_equal = twice->earlier == twice->later;
    settings.complain_at(
        "listen",
        in_quotes(twice->later) + (is_equal ? std::string(" is given twice (remove one)")
                                            : " is listened on by " + in_quotes(twice->earlier) +
                                                  " already (remove one of the two)"));
  }
}

// The first socket or address at which other hosts can connect; a text that is no address is a
// problem already.
struct Reachable {
  std::string what;  // empty: there is none
  std::string remedy;
};

Reachable find_reachable(const ServerConfig& server, const Overrides& overrides) {
  const auto first = [](const std::vector<std::string>& all) -> std::string {
    for (const std::string& listen : all) {
      if (!is_on_this_host_only(listen)) return listen;
    }
    return {};
  };
  if (!overrides.passed.empty()) {
    const std::string listen = first(overrides.passed);
    return {listen.empty() ? listen : "the socket " + listen + " that systemd passes",
            "set ListenStream=127.0.0.1:9880 in gonogo.socket"};
  }
  std::vector<std::string> addresses = server.listen;
  std::erase_if(addresses, [](const std::string& listen) { return !parse_listen(listen); });
  if (const std::string listen = first(addresses); !listen.empty())
    return {listen, "listen on 127.0.0.1"};
  const std::string listen = first(overrides.open);
  return {listen.empty() ? listen : listen + ", which is listened on until a restart,",
          "restart the daemon"};
}

// Whether who has no token is somebody all the same.
bool authenticates(const ServerConfig& server, bool is_web_config_read) {
  // One that was not read, or only in part, may have users.
  return !is_web_config_read || server.web.authenticates();
}

// Without `anonymous`: who can connect may read where nobody else could.
bool may_anybody_read(const ServerConfig& server, bool has_web_config, bool is_wide) {
  if (!has_web_config) return !is_wide;
  return server.web.users.empty() && server.tokens.empty() &&
         (server.web.verifies_clients() || !is_wide);
}

void complain_of_open_listener(Settings& settings, const Reachable& reachable,
                               bool has_web_config) {
  const std::string remedy = has_web_config
                                 ? "give server.tokens, or basic_auth_users or client_auth_type: "
                                   "RequireAndVerifyClientCert in server.web_config, or "
                                 : "give server.tokens or server.web_config, or ";
  settings.complain_at("listen", reachable.what +
                                     " is reachable from other hosts without authentication (" +
                                     remedy + reachable.remedy + ")");
}

void warn_of_unknown_users(Settings& settings, const ServerConfig& server) {
  for (const auto& [user, config] : server.users) {
    if (server.web.users.contains(user)) continue;
    settings.reading().warnings.push_back(
        {settings.place_of("users"), settings.path() + ".users",
         in_quotes(user) +
             " is not in basic_auth_users of web_config: nobody can log in by that name (add it "
             "there with its password's hash)"});
  }
}

std::vector<std::string> read_names(Settings& settings, const ServerConfig& server) {
  std::vector<std::string> names = settings.texts("names");
  for (std::string& name : names) {
    const std::string plain = host_name_in_lower_case(name);
    if (plain.empty())
      settings.complain_at("names",
                           in_quotes(name) + " is no host name (such as gonogo.example.org)");
    name = plain;
  }
  if (server.takes_names_of_certificate) {
    names = names_of_this_host();
    if (server.web.tls) {
      for (const std::string& name : server.web.tls->names()) names.push_back(lower_case(name));
    }
  }
  if (server.external_url) names.push_back(lower_case(server.external_url->target.host));
  return names;
}

std::optional<Url> read_external_url(Settings& settings) {
  const auto text = settings.text("external_url");
  if (!text) return std::nullopt;
  auto url = parse_url(*text);
  if (!url) {
    settings.complain_at("external_url",
                         "is no http or https URL (such as https://gonogo.example.org)");
  } else if (!url->user.empty() || !url->password.empty()) {
    settings.complain_at("external_url", "holds credentials (it is shown to others; remove them)");
  }
  return url;
}

}  // namespace

ServerConfig read_server(Settings& root, const std::string& path, const Overrides& overrides) {
  Settings settings = root.section("server");
  ServerConfig server;
  read_listen(settings, overrides, server);
  const std::string web_config = settings.text_or("web_config", "");
  const bool has_web_config = !web_config.empty();
  const std::size_t problems = settings.reading().problems.size();
  if (has_web_config && overrides.serves)
    server.web = read_web_config(relative_to_config(path, web_config), settings);
  const bool is_web_config_read =
      !has_web_config || (overrides.serves && settings.reading().problems.size() == problems);
  read_callers(settings, path, server);
  if (!server.users.empty() && !has_web_config)
    settings.complain_at("users", "need web_config, which holds their passwords");
  if (has_web_config && is_web_config_read) warn_of_unknown_users(settings, server);
  const Reachable reachable = find_reachable(server, overrides);
  const bool is_wide = !reachable.what.empty();
  if (settings.has("anonymous")) {
    server.anonymous = read_grants(settings, "anonymous");
    for (const Grant grant : server.anonymous) {
      if (grant != Grant::read && grant != Grant::ping)
        settings.complain_at("anonymous",
                             "may only contain read and ping (grant the rest to a token)");
    }
  } else {
    server.anonymous = {Grant::ping};
    if (may_anybody_read(server, has_web_config, is_wide)) server.anonymous.insert(Grant::read);
  }
  if (is_wide && server.tokens.empty() && !authenticates(server, is_web_config_read))
    complain_of_open_listener(settings, reachable, has_web_config);
  server.external_url = read_external_url(settings);
  server.takes_names_of_certificate = !settings.has("names");
  server.names = read_names(settings, server);
  settings.finish();
  return server;
}

}  // namespace gonogo
