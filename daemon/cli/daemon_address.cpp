#include "daemon/cli/daemon_address.h"

#include <algorithm>

#include "daemon/config/document.h"
#include "daemon/config/sources.h"
#include "daemon/core/io_error.h"
#include "daemon/formats/address.h"
#include "daemon/formats/settings.h"
#include "daemon/formats/url.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

constexpr const char* how_to_tell =
    " (if it listens with TLS: --url https://NAME:PORT, with --ca FILE unless the system trusts "
    "its "
    "authority)";

std::string text_at(Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found == nullptr ? std::string() : found->scalar;
}

// Whether a client without a certificate is refused.
bool wants_certificate(Node& tls) {
  const std::string type = text_at(tls, "client_auth_type");
  if (type.empty() || type == "NoClientCert") return false;
  const Node* names = tls.find("client_allowed_sans");
  return type.starts_with("Require") || (names != nullptr && !names->is_null());
}

// What the web configuration says of TLS.
void read_web(const std::string& path, DaemonAddress& address) {
  try {
    Reading reading;
    Node web = parse_document(path, read_bounded_file(path, most_document_bytes), reading.problems);
    Node* tls = web.find("tls_server_config");
    if (tls == nullptr || !tls->is_map()) return;
    address.is_tls = true;
    if (const std::string file = text_at(*tls, "cert_file"); !file.empty())
      address.certificate_file = relative_to_config(path, file);
    else
      address.certificate = text_at(*tls, "cert");
    if (wants_certificate(*tls))
      address.hint = " (it takes only clients with a certificate: --cert FILE --cert-key FILE)";
  } catch (const IoError& broken) {
    address.hint = std::string("; its web_config: ") + broken.what() + how_to_tell;
  }
}

std::string url_of(const std::string& listen, bool is_tls) {
  if (listen.starts_with("unix:")) return listen;
  const std::string scheme = is_tls ? "https://" : "http://";
  const auto target = parse_host_port(listen);
  if (!target) return scheme + "127.0.0.1:9880";
  const bool is_any = target->host == "0.0.0.0" || target->host == "::";
  return scheme + to_text(HostPort{is_any ? "127.0.0.1" : target->host, target->port});
}

}  // namespace

DaemonAddress find_daemon(const CommonOptions& common, const DaemonOptions& daemon) {
  DaemonAddress address;
  const bool is_unix = daemon.url.starts_with("unix:");
  if (is_unix) address.url = daemon.url;
  if (!daemon.url.empty() && !is_unix) {
    address.url = daemon.url;
    while (address.url.ends_with('/')) address.url.pop_back();
    const auto url = parse_url(address.url);
    address.is_tls = url && url->is_tls;
    return address;
  }
  std::vector<std::string> listen = common.overrides.listen;
  Reading reading;
  Node tree = read_sources(common.config, reading);
  if (Node* server = tree.find("server")) {
    if (listen.empty()) listen = Settings(server, server->place, "server", reading).texts("listen");
    // Such an address does not say whether TLS is spoken there; the configuration may be of another
    // daemon.
    if (is_unix && std::find(listen.begin(), listen.end(), daemon.url) == listen.end())
      return address;
    if (const std::string web = text_at(*server, "web_config"); !web.empty())
      read_web(relative_to_config(common.config, web), address);
  } else if (!reading.problems.empty()) {
    address.hint = "; " + common.config + " cannot be read" + how_to_tell;
  }
  if (!is_unix)
    address.url = url_of(listen.empty() ? "127.0.0.1:9880" : listen.front(), address.is_tls);
  return address;
}

}  // namespace gonogo
