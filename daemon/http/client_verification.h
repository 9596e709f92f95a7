// Which clients may connect, by the certificate that they show: Go's client authentication types,
// as exporter-toolkit names them.
#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace gonogo {

enum class ClientAuth : std::uint8_t {
  none,
  request,            // whatever they show is taken
  require_any,        // they show one, whoever has issued it
  verify_if_given,    // one that is shown has to be from an authority
  require_and_verify  // they show one from an authority
};

struct ClientRules {
  ClientAuth auth = ClientAuth::none;
  // A certificate has one of these alternative names, as it writes it: a DNS name, an address, an
  // e-mail address or a URI. Then a client without a certificate is refused. Empty: any
  // certificate.
  std::vector<std::string> allowed_names;
};

// The DNS names, e-mail addresses, addresses and URIs of a certificate's subjectAltName.
std::vector<std::string> alternative_names(X509* certificate);

// Makes `context` verify its clients; `rules` has to outlive it. The authorities are in its store;
// without one, in verify_if_given, they are those of the system.
void verify_clients(SSL_CTX* context, const ClientRules& rules);

// The authorities in `pem` are named to the clients, which choose their certificate by it.
void name_authorities(SSL_CTX* context, const std::string& pem);

}  // namespace gonogo
