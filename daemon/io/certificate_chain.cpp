#include "daemon/io/certificate_chain.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <cstring>
#include <memory>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/address.h"
#include "daemon/formats/digests.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/tls.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, Freed<X509_free>>;

std::string name_in_words(const X509_NAME* name) {
  const Bio memory(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(memory.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(std::max(0L, size))};
}

std::chrono::sys_seconds to_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return {};
  return std::chrono::sys_seconds{std::chrono::seconds{timegm(&parts)}};
}

void read_names(const X509* certificate, CertificateFacts& facts) {
  std::vector<std::string>& names = facts.names;
  auto* alternatives = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  const std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>> owner(alternatives);
  facts.has_alternatives = sk_GENERAL_NAME_num(alternatives) > 0;
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives) && names.size() < 100; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      const unsigned char* bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      const int size = ASN1_STRING_length(name->d.iPAddress);
      if (size == 4) {
        names.push_back(asio::ip::address_v4({bytes[0], bytes[1], bytes[2], bytes[3]}).to_string());
      } else if (size == 16) {
        asio::ip::address_v6::bytes_type v6;
        std::copy_n(bytes, 16, v6.begin());
        names.push_back(asio::ip::address_v6(v6).to_string());
      }
    }
    facts.are_addresses.resize(names.size(), name->type == GEN_IPADD);
  }
}

constexpr const char* impossible_name = " ";

struct Meaning {
  Reason reason;
  std::string text;
};

// `sent` certificates were presented. See openssl-verification-options(1) for the codes.
Meaning meaning_of(int code, int depth, int sent) {
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return {Reason::cert_expired, "certificate has expired"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {Reason::cert_not_yet_valid, "certificate is not valid yet"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {Reason::cert_name, "certificate is for another name"};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return {Reason::cert_self_signed, "certificate is self-signed"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      if (depth == 0 && sent <= 1) {
        return {Reason::cert_incomplete,
                "issuer of the only certificate sent is neither sent nor trusted (intermediate "
                "missing?)"};
      }
      [[fallthrough]];
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_CERT_UNTRUSTED:
      return {Reason::cert_untrusted, "chain ends at an authority that is not trusted"};
    default: return {Reason::cert_untrusted, X509_verify_cert_error_string(code)};
  }
}

// Some of these, and how many more there are.
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  std::size_t shown = 0;
  for (; shown < names.size() && text.size() < 100; ++shown)
    text += (shown == 0 ? "" : ", ") + names[shown];
  const std::size_t left = names.size() - shown;
  return in_quotes(text, 200) + (left == 0 ? "" : " and " + counted(left, "other name"));
}

// The names that a certificate has, for a server that has another one. A name may read like the
// address that is wanted, and does not count as one.
std::string presented(const CertificateFacts& leaf, bool wants_address) {
  if (leaf.names.empty()) {
    const std::string what =
        leaf.has_alternatives ? "DNS name and no address in its subjectAltName" : "subjectAltName";
    return "certificate has no " + what + ", only the subject " + in_quotes(leaf.subject) +
           ", which no longer counts as a name (RFC 9525)";
  }
  if (!wants_address) return "certificate is for " + listed(leaf.names);
  std::vector<std::string> names;
  std::vector<std::string> addresses;
  for (std::size_t i = 0; i < leaf.names.size(); ++i) {
    const bool is_address = i < leaf.are_addresses.size() && leaf.are_addresses[i];
    (is_address ? addresses : names).push_back(leaf.names[i]);
  }
  std::string text;
  if (!names.empty()) text = (names.size() == 1 ? "the name " : "the names ") + listed(names);
  if (!addresses.empty()) {
    text += text.empty() ? "" : " and ";
    text += (addresses.size() == 1 ? "the address " : "the addresses ") + listed(addresses);
  }
  return "certificate is for " + text;
}

bool is_address(const std::string& server_name) {
  boost::system::error_code not_an_address;
  asio::ip::make_address(server_name, not_an_address);
  return !not_an_address;
}

std::string wrong_name(const CertificateFacts& leaf, const std::string& server_name) {
  const bool wants_address = is_address(server_name);
  const bool has_root_dot =
      std::any_of(leaf.names.begin(), leaf.names.end(),
                  [](const std::string& name) { return name.ends_with('.'); });
  return presented(leaf, wants_address) + ", wanted " + (wants_address ? "the address " : "") +
         in_quotes(without_root_dot(server_name)) +
         (has_root_dot ? " (in a certificate a name with a dot at its end counts for none)" : "");
}

int rank(Reason reason) {
  // What an operator corrects first. A self-signed one has no chain whose dates would matter.
  switch (reason) {
    case Reason::cert_self_signed: return 0;
    case Reason::cert_expired: return 1;
    case Reason::cert_not_yet_valid: return 2;
    case Reason::cert_incomplete: return 3;
    case Reason::cert_untrusted: return 4;
    default: return 5;
  }
}

}  // namespace

CertificateFacts facts_of(X509* certificate) {
  CertificateFacts facts;
  facts.subject = name_in_words(X509_get_subject_name(certificate));
  facts.issuer = name_in_words(X509_get_issuer_name(certificate));
  read_names(certificate, facts);
  facts.not_before = to_time(X509_get0_notBefore(certificate));
  facts.not_after = to_time(X509_get0_notAfter(certificate));
  facts.is_self_signed = (X509_get_extension_flags(certificate) & EXFLAG_SS) != 0;
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) == 1)
    facts.fingerprint = to_hex({reinterpret_cast<const char*>(digest.data()), size});
  facts.key_bits = key == nullptr ? 0 : EVP_PKEY_get_bits(key);
  return facts;
}

void VerifyErrors::add(X509_STORE_CTX* store) {
  std::pair error{X509_STORE_CTX_get_error(store), X509_STORE_CTX_get_error_depth(store)};
  if (error.first == X509_V_OK) error.first = X509_V_ERR_UNSPECIFIED;
  if (all.size() < 20) all.push_back(error);
}

void explain(const VerifyErrors& errors, int sent, const std::string& server_name,
             ChainReport& report) {
  std::vector<Meaning> meanings;
  for (const auto& [code, depth] : errors.all) {
    Meaning meaning = meaning_of(code, depth, sent);
    if (meaning.reason == Reason::cert_name)
      meaning.text = wrong_name(report.certificates.front(), server_name);
    const auto same = [&](const Meaning& other) { return other.reason == meaning.reason; };
    if (std::none_of(meanings.begin(), meanings.end(), same))
      meanings.push_back(std::move(meaning));
  }
  std::stable_sort(meanings.begin(), meanings.end(), [](const Meaning& a, const Meaning& b) {
    return rank(a.reason) < rank(b.reason);
  });
  for (Meaning& meaning : meanings) {
    report.errors.push_back(meaning.reason);
    report.error_texts.push_back(std::move(meaning.text));
  }
}

std::string without_root_dot(std::string name) {
  if (name.ends_with('.')) name.pop_back();
  return name;
}

void expect_name(X509_VERIFY_PARAM* wanted, const std::string& server_name) {
  // RFC 9525: only names in the subjectAltName count, and in them a wildcard only as the whole of
  // the left-most label. OpenSSL matches a "*" in no other label, and without case.
  X509_VERIFY_PARAM_set_hostflags(
      wanted, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool is_set = false;
  if (is_address(server_name)) {
    // The zone of an IPv6 address ("fe80::1%eth0") is known to this host alone.
    const std::string address = server_name.substr(0, server_name.find('%'));
    is_set = X509_VERIFY_PARAM_set1_ip_asc(wanted, address.c_str()) == 1;
  } else if (is_host_name(server_name)) {
    // To OpenSSL ".example.org" is any name below it, and "*" a name that a wildcard matches.
    const std::string name = without_root_dot(server_name);
    is_set = X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size()) == 1;
  }
  if (is_set) return;
  // With no name set, OpenSSL takes a certificate for any. No certificate is for this one.
  if (X509_VERIFY_PARAM_set1_host(wanted, impossible_name, std::strlen(impossible_name)) != 1)
    throw IoError::cannot_judge(Reason::prober, "no memory for the name that is to be proven");
}

ChainReport read_chain_file(const std::string& path, const TlsContext& context,
                            const std::string& server_name) {
  return read_chain(read_bounded_file(path, 1 << 20), path, context, server_name);
}

ChainReport read_chain(const std::string& text, const std::string& name, const TlsContext& context,
                       const std::string& server_name) {
  const Bio memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  std::vector<X509Ptr> owned;
  std::unique_ptr<STACK_OF(X509), Freed<[](STACK_OF(X509) * stack) { sk_X509_free(stack); }>> rest(
      sk_X509_new_null());
  while (owned.size() < 50) {
    X509Ptr next(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    if (!owned.empty()) sk_X509_push(rest.get(), next.get());
    owned.push_back(std::move(next));
  }
  ERR_clear_error();
  if (owned.empty()) {
    throw IoError(Reason::content, name + " holds no PEM certificate");
  }
  ChainReport report;
  for (const X509Ptr& certificate : owned)
    report.certificates.push_back(facts_of(certificate.get()));
  if (!context.verifies()) return report;

  const std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  VerifyErrors errors;
  X509_STORE_CTX_init(check.get(), context.roots(), owned.front().get(), rest.get());
  X509_STORE_CTX_set_default(check.get(), "ssl_server");
  if (!server_name.empty()) expect_name(X509_STORE_CTX_get0_param(check.get()), server_name);
  X509_STORE_CTX_set_app_data(check.get(), &errors);
  X509_STORE_CTX_set_verify_cb(check.get(), [](int fine, X509_STORE_CTX* store) {
    if (fine == 0) static_cast<VerifyErrors*>(X509_STORE_CTX_get_app_data(store))->add(store);
    return 1;
  });
  // The callback lets it go on after each error, so it fails only where it cannot judge at all: a
  // key that cannot be decoded, no memory. Then no callback was called.
  if (X509_verify_cert(check.get()) != 1) errors.add(check.get());
  ERR_clear_error();
  report.was_verified = true;
  explain(errors, static_cast<int>(owned.size()), server_name, report);
  return report;
}

}  // namespace gonogo
