#include "probes/shared/certificate_rules.h"

#include <algorithm>
#include <cmath>

#include "daemon/core/text.h"
#include "daemon/core/units.h"

namespace gonogo {
namespace {

double days_between(WallTime from, std::chrono::sys_seconds to) {
  const auto seconds = to - std::chrono::time_point_cast<std::chrono::seconds>(from);
  return static_cast<double>(seconds.count()) / 86400.0;
}

std::string in_days(double days) { return number_in_words(std::floor(days * 10) / 10) + "d"; }

std::string first_names(const CertificateFacts& leaf) {
  std::string text;
  for (std::size_t i = 0; i < leaf.names.size() && i < 5; ++i) {
    text += (i == 0 ? "" : ", ") + on_one_line(leaf.names[i], 80);
  }
  return leaf.names.size() > 5 ? text + ", ..." : text;
}

void describe(Finding& finding, const ChainReport& report, const CertificateFacts& earliest,
              WallTime now) {
  const CertificateFacts& leaf = report.certificates.front();
  finding.measure("days_left", days_between(now, earliest.not_after), "days");
  finding.measure("leaf_days_left", days_between(now, leaf.not_after), "days");
  finding.measure("expiry_timestamp",
                  static_cast<double>(earliest.not_after.time_since_epoch().count()),
                  "timestamp_seconds");
  finding.note("subject", on_one_line(leaf.subject));
  finding.note("issuer", on_one_line(leaf.issuer));
  finding.note("names", first_names(leaf));
  finding.note("not_before", to_rfc3339(leaf.not_before));
  finding.note("not_after", to_rfc3339(leaf.not_after));
  if (!report.protocol.empty()) finding.note("protocol", report.protocol);
  if (!report.cipher.empty()) finding.note("cipher", report.cipher);
}

}  // namespace

Finding judge_chain(const ChainReport& report, const CertificateRules& rules, WallTime now) {
  if (report.certificates.empty())
    return Finding::fail(Reason::tls, "no certificate was presented");
  const CertificateFacts& leaf = report.certificates.front();
  const auto sooner = [](const CertificateFacts& a, const CertificateFacts& b) {
    return a.not_after < b.not_after;
  };
  const CertificateFacts& earliest =
      *std::min_element(report.certificates.begin(), report.certificates.end(), sooner);
  const double left = days_between(now, earliest.not_after);
  const double wanted = rules.min_left ? in_seconds(*rules.min_left) / 86400.0 : 0;
  const double warned = rules.warn_left ? in_seconds(*rules.warn_left) / 86400.0 : 0;
  const std::string valid_from =
      ", valid " + to_rfc3339(leaf.not_before) + " to " + to_rfc3339(leaf.not_after);

  Finding finding =
      Finding::pass("valid for " + in_days(left) + ", until " + to_rfc3339(earliest.not_after));
  if (!report.errors.empty()) {
    finding = Finding::fail(report.errors.front(), joined(report.error_texts, "; ") + valid_from);
  } else if (earliest.not_after < std::chrono::time_point_cast<std::chrono::seconds>(now)) {
    finding =
        Finding::fail(Reason::cert_expired, "expired " + in_days(-left) + " ago" + valid_from);
  } else if (leaf.not_before > std::chrono::time_point_cast<std::chrono::seconds>(now)) {
    finding = Finding::fail(Reason::cert_not_yet_valid, "not valid yet" + valid_from);
  } else if (left < wanted) {
    finding = Finding::fail(Reason::threshold, in_days(left) + " left, wanted at least " +
                                                   in_days(wanted) + valid_from);
  } else if (leaf.key_bits < rules.min_key_bits) {
    finding = Finding::fail(Reason::threshold, "key of " + std::to_string(leaf.key_bits) +
                                                   " bits, wanted at least " +
                                                   std::to_string(rules.min_key_bits));
  } else if (leaf.issuer.find(rules.issuer_contains) == std::string::npos) {
    finding = Finding::fail(Reason::content, "issued by " + in_quotes(leaf.issuer) +
                                                 ", wanted an issuer with " +
                                                 in_quotes(rules.issuer_contains));
  } else if (left < warned) {
    finding = Finding::warn(Reason::threshold, in_days(left) + " left, a warning below " +
                                                   in_days(warned) + valid_from);
  }
  describe(finding, report, earliest, now);
  return finding;
}

Finding judge_chain(const ChainReport& report, const CertificateRules& rules,
                    const WallReading& clock) {
  Finding seen = judge_chain(report, rules, clock.now);
  if (!clock.former) return seen;
  // The errors of the handshake are by the present clock; by the former one the dates decide.
  ChainReport then = report;
  then.errors.clear();
  then.error_texts.clear();
  for (std::size_t i = 0; i < report.errors.size(); ++i) {
    const Reason error = report.errors[i];
    if (error == Reason::cert_expired || error == Reason::cert_not_yet_valid) continue;
    then.errors.push_back(error);
    if (i < report.error_texts.size()) then.error_texts.push_back(report.error_texts[i]);
  }
  return in_doubt(std::move(seen), judge_chain(then, rules, *clock.former), clock.words);
}

void add_certificate(Finding& finding, Finding chain) {
  for (Value& value : chain.values) finding.values.push_back(std::move(value));
  const bool is_worse = finding.outcome == Outcome::pass ||
                        (finding.outcome == Outcome::warn && chain.outcome != Outcome::warn);
  if (chain.outcome == Outcome::pass || !is_worse) return;
  finding.outcome = chain.outcome;
  finding.reason = chain.reason;
  finding.summary = "certificate: " + chain.summary;
  for (auto& note : chain.evidence) finding.evidence.push_back(std::move(note));
}

}  // namespace gonogo
