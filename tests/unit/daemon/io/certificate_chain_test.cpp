#include "daemon/io/certificate_chain.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <functional>
#include <memory>
#include <string>

#include "daemon/formats/digests.h"
#include "daemon/io/tls.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// Signed by itself, for these names ("IP:..., DNS:...").
Certificate certificate_for(const std::string& names) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
  X509_add_ext(certificate.get(), extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  return certificate;
}

// Whether OpenSSL takes the certificate, which is trusted, for that of `name`.
bool is_for(const std::string& names, const std::string& name) {
  const Certificate certificate = certificate_for(names);
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> roots(X509_STORE_new(),
                                                                      X509_STORE_free);
  X509_STORE_add_cert(roots.get(), certificate.get());
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(X509_STORE_CTX_new(),
                                                                              X509_STORE_CTX_free);
  X509_STORE_CTX_init(check.get(), roots.get(), certificate.get(), nullptr);
  expect_name(X509_STORE_CTX_get0_param(check.get()), name);
  return X509_verify_cert(check.get()) == 1;
}

struct Case {
  const char* names;
  const char* name;
  bool is_proven;
};

TEST(ExpectName, NothingButTheNameIsProven) {
  const Case cases[] = {
      {"IP:fe80::1", "fe80::1", true},        {"IP:fe80::1", "fe80::1%1", true},
      {"IP:fe80::1", "fe80::1%lo", true},     {"IP:fe80::2", "fe80::1", false},
      {"IP:fe80::2", "fe80::1%1", false},     {"IP:fe80::2", "fe80::1%lo", false},
      {"DNS:site.test", "fe80::1%lo", false}, {"IP:127.0.0.1", "127.0.0.1", true},
      {"IP:127.0.0.2", "127.0.0.1", false},   {"DNS:site.test", "site.test", true},
      {"DNS:site.test", "site.test.", true},  {"DNS:site.test", "other.test", false},
      {"DNS:site.test", "", false},           {"DNS:site.test", ".test", false},
      {"DNS:site.test", "*", false},          {"DNS:site.test", "a%b", false}};
  for (const Case& each : cases)
    EXPECT_EQ(is_for(each.names, each.name), each.is_proven) << each.names << " as " << each.name;
}

std::string in_pem(const Certificate& certificate,
                   const std::function<void(std::string&)>& change) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate.get(), &bytes);
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  OPENSSL_free(bytes);
  change(text);
  std::string lines = base64(text);
  for (std::size_t at = 64; at < lines.size(); at += 65) lines.insert(at, "\n");
  return "-----BEGIN CERTIFICATE-----\n" + lines + "\n-----END CERTIFICATE-----\n";
}

// OpenSSL then calls no callback: it ends without a word of what is wrong.
TEST(ChainFile, OneThatOpenSslCannotJudgeIsNotVerified) {
  const Scratch scratch;
  const Certificate certificate = certificate_for("DNS:site.test");
  const std::string good =
      scratch.write("good.pem", in_pem(certificate, [](const std::string&) {}));
  TlsOptions options;
  options.ca_file = good;
  const TlsContext context(options);
  EXPECT_TRUE(read_chain_file(good, context, "site.test").errors.empty());
  // The point of the key is written as of a form that there is not.
  const std::string broken = scratch.write("broken.pem", in_pem(certificate, [](std::string& text) {
                                             const std::size_t point =
                                                 text.find(std::string("\x03\x42\x00\x04", 4));
                                             ASSERT_NE(point, std::string::npos);
                                             text[point + 3] = '\x09';
                                           }));
  const ChainReport report = read_chain_file(broken, context, "site.test");
  EXPECT_TRUE(report.was_verified);
  ASSERT_EQ(report.errors.size(), 1U);
  EXPECT_EQ(report.errors[0], Reason::cert_untrusted);
  EXPECT_FALSE(report.error_texts[0].empty());
}

TEST(ExpectName, OneThatOpenSslRefusesIsProvenByNoCertificate) {
  EXPECT_FALSE(is_for("DNS:site.test", std::string("site.test\0", 10)));
}

}  // namespace
}  // namespace gonogo
