// Certificates as a server sends them: PEM, or the bytes of one. The authority that is trusted, and
// whose key nobody has, signed good.pem alone: no other certificate is ever proven.
#include <algorithm>

#include "daemon/core/io_error.h"
#include "daemon/formats/digests.h"
#include "daemon/io/tls.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

const std::string& trusted() {
  static const std::string path =
      write_scratch("ca.pem", read_source_file("tests/fuzz/certificates/ca.pem"));
  return path;
}

std::string in_pem(std::string_view bytes) {
  std::string text = "-----BEGIN CERTIFICATE-----\n";
  const std::string encoded = base64(bytes);
  for (std::size_t at = 0; at < encoded.size(); at += 64) text += encoded.substr(at, 64) + "\n";
  return text + "-----END CERTIFICATE-----\n";
}

const TlsContext& context(bool verify) {
  static const TlsContext verifying({.ca_file = trusted()});
  static const TlsContext trusting({.ca_file = trusted(), .verify = false});
  return verify ? verifying : trusting;
}

CertificateFacts good_facts() {
  const std::string path =
      write_scratch("good.pem", read_source_file("tests/fuzz/seeds/certificate/good.pem"));
  const ChainReport report = read_chain_file(path, context(true), "good.example.org");
  hold(report.was_verified && report.errors.empty(), "the good certificate is good");
  return report.certificates.front();
}

// The signature may be encoded in several ways, so the bytes of all of it say nothing.
bool is_same(const CertificateFacts& one, const CertificateFacts& other) {
  return one.subject == other.subject && one.issuer == other.issuer && one.names == other.names &&
         one.are_addresses == other.are_addresses && one.not_before == other.not_before &&
         one.not_after == other.not_after && one.key_bits == other.key_bits;
}

}  // namespace

void fuzz(std::string_view input) {
  static const CertificateFacts good = good_facts();
  const bool is_pem = input.find("-----BEGIN") != std::string_view::npos;
  const std::string path = write_scratch("chain.pem", is_pem ? std::string(input) : in_pem(input));
  for (const bool verify : {true, false}) {
    for (const char* name : {"good.example.org", "192.0.2.1", ""}) {
      ChainReport report;
      try {
        report = read_chain_file(path, context(verify), name);
      } catch (const IoError& broken) {
        hold(!broken.text().empty(), "a refusal has words");
        continue;
      }
      hold(!report.certificates.empty() && report.certificates.size() <= 50,
           "a chain has its bounds");
      hold(report.errors.size() == report.error_texts.size(), "each error has its words");
      hold(report.was_verified == verify, "it is known whether a chain was verified");
      const CertificateFacts& leaf = report.certificates.front();
      hold(leaf.names.size() == leaf.are_addresses.size() && leaf.names.size() <= 100,
           "names have their bounds");
      if (!verify || !report.errors.empty()) continue;
      hold(is_same(leaf, good) || *name == '\0', "only the good certificate has the name");
    }
  }
}

}  // namespace gonogo
