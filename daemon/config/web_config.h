// Prometheus' exporter-toolkit web configuration: TLS, client certificates, users with bcrypt
// hashes, header fields and a rate.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/formats/settings.h"
#include "daemon/http/server_rules.h"

namespace gonogo {

class ListenerTls;
struct ListenerTlsSource;

struct WebConfig {
  std::shared_ptr<const ListenerTls> tls;  // null: without TLS
  std::shared_ptr<const ListenerTlsSource> tls_source;
  std::map<std::string, std::string> users;  // to their bcrypt hashes
  ServerRules rules;

  // Nobody connects without a certificate from an authority that the file names.
  bool verifies_clients() const;
  // Whoever may be asking has proved who they are.
  bool authenticates() const { return verifies_clients() || !users.empty(); }
};

// Reads the file and the certificates that it names; paths in it are relative to it. All problems
// go to `reading`; one that keeps the file from being read is at `server`'s key `web_config`.
// Stricter than the toolkit where its answer would be a listener that is open to all, or to nobody.
WebConfig read_web_config(const std::string& path, Settings& server);

}  // namespace gonogo
