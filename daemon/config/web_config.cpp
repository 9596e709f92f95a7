#include "daemon/config/web_config.h"

#include "daemon/config/document.h"
#include "daemon/config/sources.h"
#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/http/listener_renewal.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

constexpr std::size_t bcrypt_length = 60;

bool is_bcrypt(const std::string& hash) {
  return hash.size() == bcrypt_length &&
         (hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$"));
}

void read_tls(Settings section, const std::string& path, WebConfig& web) {
  ListenerTlsFiles files;
  const std::string certificate = section.required_text("cert_file", "server.crt");
  const std::string key = section.required_text("key_file", "server.key");
  const std::string client_ca = section.text_or("client_ca_file", "");
  const auto type =
      section.one_of("client_auth_type", {"NoClientCert", "RequireAndVerifyClientCert"});
  const bool verifies_clients = type == "RequireAndVerifyClientCert";
  if (verifies_clients && client_ca.empty())
    section.complain("`client_ca_file` is missing (RequireAndVerifyClientCert needs it)");
  // Nobody would be asked for a certificate, and who wrote this believes the opposite.
  if (!verifies_clients && !client_ca.empty()) {
    section.complain_at("client_ca_file",
                        "is not used without a client_auth_type that verifies clients (add "
                        "client_auth_type: RequireAndVerifyClientCert)");
  }
  files.min_version = section.one_of("min_version", {"TLS12", "TLS13"}).value_or("TLS12");
  section.finish();
  if (certificate.empty() || key.empty()) return;
  files.certificate = relative_to_config(path, certificate);
  files.key = relative_to_config(path, key);
  if (verifies_clients && !client_ca.empty()) files.client_ca = relative_to_config(path, client_ca);
  std::vector<ListenerTlsProblem> problems;
  // Before the reading: what changes after it is noticed.
  const FileStamps stamps = stamps_of(files);
  web.tls = load_listener_tls(files, problems);
  if (web.tls)
    web.tls_source = std::make_shared<ListenerTlsSource>(ListenerTlsSource{files, stamps});
  for (ListenerTlsProblem& problem : problems)
    section.complain_at(problem.key, std::move(problem.text));
}

}  // namespace

bool WebConfig::verifies_clients() const {
  return tls_source && !tls_source->files.client_ca.empty();
}

WebConfig read_web_config(const std::string& path, Settings& server) {
  WebConfig web;
  Reading& reading = server.reading();
  Node tree;
  try {
    tree = parse_document(path, read_bounded_file(path, most_document_bytes), reading.problems);
  } catch (const IoError& broken) {
    server.complain_at("web_config", broken.what());
    return web;
  }
  Settings root(&tree, tree.place, "", reading);
  if (root.has("tls_server_config")) read_tls(root.section("tls_server_config"), path, web);
  for (auto& [user, hash] : root.text_map("basic_auth_users")) {
    if (!is_bcrypt(hash)) {
      root.complain_at("basic_auth_users",
                       in_quotes(user) + " has no bcrypt hash (htpasswd -nBC 10 \"\" makes one)");
    }
    web.users[user] = hash;
  }
  root.finish();
  return web;
}

}  // namespace gonogo
