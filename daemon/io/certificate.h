// The facts of a certificate chain. No OpenSSL is in here: see certificate_chain.h.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "daemon/core/reason.h"

namespace gonogo {

struct CertificateFacts {
  std::string subject;
  std::string issuer;
  std::vector<std::string> names;   // DNS names and addresses it is for
  std::vector<bool> are_addresses;  // one for each name: it stands there as an address
  bool has_alternatives = false;    // a subjectAltName, of whatever kind
  std::chrono::sys_seconds not_before{};
  std::chrono::sys_seconds not_after{};
  bool is_self_signed = false;
  int key_bits = 0;
  std::string serial;
  std::string fingerprint;  // SHA-256 of all of it, in hexadecimal
};

// What the verification found. The first error is the one to correct first.
struct ChainReport {
  bool was_verified = false;                   // false: verification is off, or nothing was sent
  std::vector<Reason> errors;                  // cert_* codes, without repetition
  std::vector<std::string> error_texts;        // one for each
  std::vector<CertificateFacts> certificates;  // leaf first; the verified chain if there is one
  std::string protocol;                        // "TLSv1.3"
  std::string cipher;
};

}  // namespace gonogo
