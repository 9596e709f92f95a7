// Judges a certificate chain.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/clock_steps.h"
#include "daemon/core/observation.h"
#include "daemon/io/certificate.h"

namespace gonogo {

struct CertificateRules {
  std::optional<Duration> min_left{};   // less is a failure
  std::optional<Duration> warn_left{};  // less is a warning
  std::string issuer_contains{};
  int min_key_bits = 0;
};

// Judges `report` at `now`. Dates and days left are reported whatever is wrong:
// values `days_left` (earliest in the chain), `leaf_days_left`, `expiry_timestamp`.
Finding judge_chain(const ChainReport& report, const CertificateRules& rules, WallTime now);
// The same by a wall clock that may have been set of late.
Finding judge_chain(const ChainReport& report, const CertificateRules& rules,
                    const WallReading& clock);

// Adds the values of a judged chain to `finding`, and its outcome if that is worse.
void add_certificate(Finding& finding, Finding chain);

}  // namespace gonogo
