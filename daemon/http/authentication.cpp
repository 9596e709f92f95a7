#include "daemon/http/authentication.h"

#include <crypt.h>

#include "daemon/config/document.h"
#include "daemon/config/sources.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

// A guessed password costs the daemon one bcrypt, so no more than this many run at once.
constexpr int most_hashing = 2;
// Compared with when the user is unknown, so that an unknown name takes as long as a known one.
constexpr const char* nobodys_hash = "$2b$10$abcdefghijklmnopqrstuuVQd2nHGdRaMrM7JR0n3tCbRJgdhm8Oy";

bool is_right(const std::string& password, const std::string& hash) {
  auto memory = std::make_unique<crypt_data>();
  const char* made = ::crypt_r(password.c_str(), hash.c_str(), memory.get());
  return made != nullptr && equal_in_constant_time(made, hash);
}

}  // namespace

tl::expected<WebConfig, Problems> load_web_config(const std::string& path) {
  Reading reading;
  WebConfig web;
  Node tree;
  try {
    tree = parse_document(path, read_bounded_file(path, most_document_bytes), reading.problems);
  } catch (const IoError& broken) {
    reading.problems.push_back({{}, "server.web_config", broken.what()});
    return tl::make_unexpected(std::move(reading.problems));
  }
  Settings root(&tree, tree.place, "", reading);
  if (root.has("tls_server_config")) {
    Settings section = root.section("tls_server_config");
    ServerTls tls;
    tls.certificate_file =
        relative_to_config(path, section.required_text("cert_file", "server.crt"));
    tls.key_file = relative_to_config(path, section.required_text("key_file", "server.key"));
    const std::string client_ca = section.text_or("client_ca_file", "");
    const auto type =
        section.one_of("client_auth_type", {"NoClientCert", "RequireAndVerifyClientCert"});
    if (type == "RequireAndVerifyClientCert") {
      if (client_ca.empty())
        section.complain("`client_ca_file` is missing (RequireAndVerifyClientCert needs it)");
      tls.client_ca_file = relative_to_config(path, client_ca);
    }
    tls.min_version = section.one_of("min_version", {"TLS12", "TLS13"}).value_or("TLS12");
    section.finish();
    web.tls = tls;
  }
  for (auto& [user, hash] : root.text_map("basic_auth_users")) {
    if (!hash.starts_with("$2a$") && !hash.starts_with("$2b$") && !hash.starts_with("$2y$")) {
      root.complain_at("basic_auth_users",
                       in_quotes(user) + " has no bcrypt hash (htpasswd -nBC 10 \"\" makes one)");
    }
    web.users[user] = hash;
  }
  root.finish();
  if (!reading.problems.empty()) return tl::make_unexpected(std::move(reading.problems));
  return web;
}

Authentication::Authentication(const ServerConfig& config, WebConfig web)
    : tokens_(config.tokens),
      anonymous_(config.anonymous),
      users_(std::move(web.users)),
      configured_(config.users) {
  // As with every exporter-toolkit: when the file has users, only they may read.
  if (!users_.empty()) anonymous_.erase(Grant::read);
}

Caller Authentication::known_user(const std::string& user) const {
  Caller caller{user, {Grant::read, Grant::ping}, {}};
  const auto configured = configured_.find(user);
  if (configured == configured_.end()) return caller;
  caller.name = configured->second.name;
  caller.may.insert(configured->second.may.begin(), configured->second.may.end());
  caller.roles = configured->second.roles;
  return caller;
}

asio::awaitable<std::optional<Caller>> Authentication::identify(std::string authorization,
                                                                BlockingPool& pool) {
  std::optional<Caller> caller;
  if (authorization.empty()) {
    caller.emplace(Caller{"", anonymous_, {}});
    co_return caller;
  }
  const std::size_t blank = authorization.find(' ');
  const std::string scheme = authorization.substr(0, blank);
  const std::string credentials =
      blank == std::string::npos ? "" : std::string(trimmed(authorization.substr(blank)));
  if (scheme == "Bearer") {
    for (const TokenConfig& token : tokens_) {
      if (!token.secret.empty() && equal_in_constant_time(credentials, token.secret))
        caller.emplace(Caller{token.name, token.may, token.roles});
    }
    co_return caller;
  }
  if (scheme != "Basic" || users_.empty()) co_return caller;
  const std::string pair = base64_decoded(credentials).value_or("");
  const std::string user = pair.substr(0, pair.find(':'));
  const auto found = users_.find(user);
  const std::string hash = found == users_.end() ? nobodys_hash : found->second;
  const std::string digest = sha256(pair + hash);
  bool right = proven_.find(digest) != proven_.end();
  if (!right && hashing_ < most_hashing && pair.find(':') != std::string::npos) {
    ++hashing_;
    auto compare = [password = pair.substr(pair.find(':') + 1), hash] {
      return is_right(password, hash);
    };
    auto comparing = offload(pool, std::move(compare));
    right = co_await std::move(comparing);
    --hashing_;
    right = right && found != users_.end();
    if (right) proven_.insert(digest);
  }
  if (right) caller.emplace(known_user(user));
  co_return caller;
}

}  // namespace gonogo
