// TLS of the listener: its certificate, key and client authorities, loaded as a whole.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/http/client_verification.h"
#include "daemon/http/listener_conn.h"

namespace gonogo {

// A text in PEM: that of a file, or one that the configuration holds itself.
struct PemSource {
  const char* key = "";  // of tls_server_config
  std::string file;
  std::string text;

  bool is_given() const { return !file.empty() || !text.empty(); }
};

struct ListenerTlsSettings {
  PemSource certificate;
  PemSource key;
  PemSource client_ca;
  ClientRules clients;
  // Of TLS 1.2, by OpenSSL's names ("ECDHE-RSA-AES128-GCM-SHA256:..."); empty: those of OpenSSL.
  std::string ciphers;
  std::string groups;  // "P-256:X25519"; empty: those of OpenSSL
  bool serves_tls12 = true;
  bool serves_tls13 = true;
};

// At which key of tls_server_config a problem is.
struct ListenerTlsProblem {
  const char* key;
  std::string text;
};

class ListenerTls {
 public:
  struct Native;
  explicit ListenerTls(std::unique_ptr<const Native> native);
  ~ListenerTls();
  const Native& native() const { return *native_; }
  // The DNS names of the certificate, as it writes them ("*.example.org").
  const std::vector<std::string>& names() const;
  // Equal when clients see no difference: the same certificate, key, authorities and rules.
  const std::string& digest() const;

 private:
  std::unique_ptr<const Native> native_;
};

// Blocks on files. Null when there is a problem.
std::shared_ptr<const ListenerTls> load_listener_tls(const ListenerTlsSettings& settings,
                                                     std::vector<ListenerTlsProblem>& problems);

std::unique_ptr<ListenerConn> make_tls_conn(StreamSocket socket,
                                            std::shared_ptr<const ListenerTls> tls);

}  // namespace gonogo
