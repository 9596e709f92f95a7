// Who may ask the daemon what, and where it listens.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/web_config.h"
#include "daemon/formats/settings.h"
#include "daemon/formats/url.h"

namespace gonogo {

// What a caller of the HTTP interface may do.
enum class Grant : std::uint8_t { read, ping, reload, run, sign, waive, deploy };
inline constexpr std::array<std::string_view, 7> grant_names{"read", "ping",  "reload", "run",
                                                             "sign", "waive", "deploy"};

struct TokenConfig {
  std::string id;
  std::string name;  // of the person, for the record
  std::string secret;
  std::set<Grant> may;
  std::vector<std::string> roles;
};

// What a user of web_config may do beside reading.
struct UserConfig {
  std::string name;
  std::set<Grant> may;
  std::vector<std::string> roles;
};

struct ServerConfig {
  std::vector<std::string> listen;
  WebConfig web;
  std::vector<TokenConfig> tokens;
  std::map<std::string, UserConfig> users;
  std::set<Grant> anonymous;                // without a token
  std::vector<std::string> names;           // host names under which the daemon is asked
  bool takes_names_of_certificate = false;  // they are not configured
  std::optional<Url> external_url;
};

// Settings that override those of the file: from flags, or else from the environment.
struct Overrides {
  std::vector<std::string> listen;
  std::string store_path;
  // Sockets that systemd passed, which are used instead of `listen`, and at a reload those that are
  // open. Who may ask without credentials is judged by them as well.
  std::vector<std::string> passed = {};
  std::vector<std::string> open = {};
  // False for verbs that serve nobody: then no certificate and no key of the listener is read.
  bool serves = true;
  // True for verbs that ask what is written in the configuration alone: then what this host lacks
  // (secrets, tokens) is no problem.
  bool is_static = false;
};

// The section `server` of the configuration at `path`. Blocks on files.
ServerConfig read_server(Settings& root, const std::string& path, const Overrides& overrides);

}  // namespace gonogo
