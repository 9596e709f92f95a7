// TLS of the listener: its certificate, key and client authorities, loaded as a whole.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/http/listener_conn.h"

namespace gonogo {

struct ListenerTlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;    // empty: clients need no certificate
  std::string min_version;  // "TLS12" or "TLS13", as exporter-toolkit writes it
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
  // Equal when clients see no difference: the same certificate, key, authorities and version.
  const std::string& digest() const;

 private:
  std::unique_ptr<const Native> native_;
};

// Blocks on files. Null when there is a problem.
std::shared_ptr<const ListenerTls> load_listener_tls(const ListenerTlsFiles& files,
                                                     std::vector<ListenerTlsProblem>& problems);

std::unique_ptr<ListenerConn> make_tls_conn(StreamSocket socket,
                                            std::shared_ptr<const ListenerTls> tls);

}  // namespace gonogo
