// Prometheus' web configuration file, beside a certificate and its key.
#include "daemon/config/web_config.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "daemon/config/document.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;

std::string text_in(const Bio& memory) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

// server.crt and server.key, made for this process alone; the certificate is its own authority.
void make_identity() {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Certificate certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 360'000);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const Bio pem(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(pem.get(), certificate.get());
  write_scratch("server.crt", text_in(pem));
  const Bio secret(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_PrivateKey(secret.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  write_scratch("server.key", text_in(secret));
}

void inspect(const WebConfig& web, const std::string& text, bool is_good) {
  for (const auto& [user, hash] : web.users) {
    if (is_good) hold(hash.size() == 60 && hash.starts_with("$2"), "a user has a bcrypt hash");
  }
  if (!is_good) return;
  Problems none;
  const Node tree = parse_document("again.yml", text, none);
  const Node* tls = tree.find("tls_server_config");
  const Node* users = tree.find("basic_auth_users");
  if (tls != nullptr && tls->is_map() && tls->find("cert_file") != nullptr)
    hold(web.tls != nullptr, "a good file with a certificate gives TLS");
  const Node* type = tls == nullptr ? nullptr : tls->find("client_auth_type");
  if (type != nullptr && type->scalar == "RequireAndVerifyClientCert")
    hold(web.tls != nullptr && web.verifies_clients(), "clients that have to be verified are");
  if (users != nullptr && users->is_map() && !users->entries.empty())
    hold(web.authenticates(), "a good file with users asks for one");
}

}  // namespace

void fuzz(std::string_view input) {
  static const bool is_made = (make_identity(), true);
  static_cast<void>(is_made);
  const std::string text(input);
  // What it refers to is within its folder: this target reads no other file of the host.
  if (text.find("..") != std::string::npos || text.find('/') != std::string::npos) return;
  const std::string path = write_scratch("web.yml", text);
  Reading reading;
  Node server;
  server.type = Node::Type::map;
  Settings settings(&server, {}, "server", reading);
  const WebConfig web = read_web_config(path, settings);
  inspect(web, text, reading.problems.empty() && reading.lacks.empty());
}

}  // namespace gonogo
