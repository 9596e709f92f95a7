// Who is asking, and what they may do.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <set>
#include <string>

#include "daemon/config/config.h"
#include "daemon/http/server.h"

namespace gonogo {

class BlockingPool;

// Prometheus' exporter-toolkit web configuration: TLS, client certificates, users with bcrypt
// hashes.
struct WebConfig {
  std::optional<ServerTls> tls;
  std::map<std::string, std::string> users;  // to their bcrypt hashes
};

// Paths in the file are relative to it.
tl::expected<WebConfig, Problems> load_web_config(const std::string& path);

struct Caller {
  std::string name;  // empty: anonymous
  std::set<Grant> may;
  std::vector<std::string> roles;
};

class Authentication {
 public:
  Authentication(const ServerConfig& config, WebConfig web);

  // Nothing when the credentials are wrong. Without credentials it is the anonymous caller. Hashes
  // are computed on the pool.
  boost::asio::awaitable<std::optional<Caller>> identify(std::string authorization,
                                                         BlockingPool& pool);

 private:
  std::vector<TokenConfig> tokens_;
  std::set<Grant> anonymous_;
  Caller known_user(const std::string& user) const;

  std::map<std::string, std::string> users_;
  std::map<std::string, UserConfig> configured_;
  // Digests of credentials that were right: bcrypt is slow on purpose, and scrapes are frequent.
  std::set<std::string> proven_;
  int hashing_ = 0;
};

}  // namespace gonogo
