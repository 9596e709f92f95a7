// Reads and verifies certificates by OpenSSL: what tls.cpp and read_chain_file() share.
#pragma once

#include <openssl/types.h>

#include <string>
#include <utility>
#include <vector>

#include "daemon/io/certificate.h"

namespace gonogo {

// What X509_verify_cert(3) found wrong. The verification goes on after each error, so that all of
// them are known.
struct VerifyErrors {
  void add(X509_STORE_CTX* store);

  std::vector<std::pair<int, int>> all;  // code, depth in the chain; at most 20
};

CertificateFacts facts_of(X509* certificate);

// "example.org." is "example.org" to TLS (RFC 6066, 3).
std::string without_root_dot(std::string name);

// Makes the certificate of `server_name` the only one that verifies.
void expect_name(X509_VERIFY_PARAM* wanted, const std::string& server_name);

// Puts `errors` into `report`, in words. `sent`: how many certificates were presented.
void explain(const VerifyErrors& errors, int sent, const std::string& server_name,
             ChainReport& report);

}  // namespace gonogo
