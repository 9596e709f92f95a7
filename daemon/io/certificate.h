// What a certificate chain says, and what is wrong with it. No OpenSSL in here: see tls.cpp.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/observation.h"

namespace gonogo {

struct CertificateFacts {
  std::string subject;
  std::string issuer;
  std::vector<std::string> names;  // DNS names and addresses it is for
  std::chrono::sys_seconds not_before{};
  std::chrono::sys_seconds not_after{};
  bool is_self_signed = false;
  int key_bits = 0;
  std::string serial;
};

// What the verification found wrong, most telling first.
struct ChainReport {
  bool was_verified = false;                   // false: nobody asked, or there was nothing to ask
  std::vector<Reason> errors;                  // cert_* codes, without repetition
  std::vector<std::string> error_texts;        // one for each
  std::vector<CertificateFacts> certificates;  // leaf first; the verified chain if there is one
  std::string protocol;                        // "TLSv1.3"
  std::string cipher;
};

struct CertificateRules {
  std::optional<Duration> min_left;   // less is a failure
  std::optional<Duration> warn_left;  // less is a warning
  std::string issuer_contains;
  int min_key_bits = 0;
};

// Judges `report` at `now`. Dates and days left are reported whatever is wrong:
// values `days_left` (earliest in the chain), `leaf_days_left`, `expiry_timestamp`.
Finding judge_chain(const ChainReport& report, const CertificateRules& rules, WallTime now);

}  // namespace gonogo
