#include "daemon/http/client_verification.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <memory>
#include <string_view>

namespace gonogo {
namespace {

namespace ip = boost::asio::ip;

template <auto free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};

std::string address_in_words(std::string_view bytes) {
  if (bytes.size() == 4) {
    ip::address_v4::bytes_type four{};
    std::copy(bytes.begin(), bytes.end(), four.begin());
    return ip::make_address_v4(four).to_string();
  }
  if (bytes.size() != 16) return {};
  ip::address_v6::bytes_type sixteen{};
  std::copy(bytes.begin(), bytes.end(), sixteen.begin());
  const ip::address_v6 address(sixteen);
  if (address.is_v4_mapped()) return ip::make_address_v4(ip::v4_mapped, address).to_string();
  return address.to_string();
}

std::string in_words(const GENERAL_NAME& name) {
  const ASN1_STRING* text = nullptr;
  switch (name.type) {
    case GEN_DNS: text = name.d.dNSName; break;
    case GEN_EMAIL: text = name.d.rfc822Name; break;
    case GEN_URI: text = name.d.uniformResourceIdentifier; break;
    case GEN_IPADD: text = name.d.iPAddress; break;
    default: return {};
  }
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                               static_cast<std::size_t>(ASN1_STRING_length(text)));
  return name.type == GEN_IPADD ? address_in_words(bytes) : std::string(bytes);
}

bool is_allowed(X509* certificate, const std::vector<std::string>& allowed) {
  if (allowed.empty()) return true;
  const std::vector<std::string> names = alternative_names(certificate);
  return std::find_first_of(names.begin(), names.end(), allowed.begin(), allowed.end()) !=
         names.end();
}

// OpenSSL's own verification, where the rules want one, and then the name.
int judge_client(X509_STORE_CTX* store, void* argument) {
  const auto& rules = *static_cast<const ClientRules*>(argument);
  const bool verifies =
      rules.auth == ClientAuth::verify_if_given || rules.auth == ClientAuth::require_and_verify;
  if (verifies && X509_verify_cert(store) != 1) return 0;
  if (!is_allowed(X509_STORE_CTX_get0_cert(store), rules.allowed_names)) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return 1;
}

}  // namespace

std::vector<std::string> alternative_names(X509* certificate) {
  std::vector<std::string> found;
  const std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>> names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    std::string name = in_words(*sk_GENERAL_NAME_value(names.get(), i));
    if (!name.empty()) found.push_back(std::move(name));
  }
  ERR_clear_error();
  return found;
}

void verify_clients(SSL_CTX* context, const ClientRules& rules) {
  if (rules.auth == ClientAuth::none) return;
  const bool needs_certificate = rules.auth == ClientAuth::require_any ||
                                 rules.auth == ClientAuth::require_and_verify ||
                                 !rules.allowed_names.empty();
  SSL_CTX_set_verify(context,
                     SSL_VERIFY_PEER | (needs_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  // OpenSSL only reads it: the pointer is handed back to judge_client().
  SSL_CTX_set_cert_verify_callback(context, judge_client, const_cast<ClientRules*>(&rules));
  // An intermediate authority may be the one that is trusted, as in Go.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
  // A session that is resumed is not verified again: rules that changed since would not count.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
}

void name_authorities(SSL_CTX* context, const std::string& pem) {
  const std::unique_ptr<BIO, Freed<BIO_free_all>> memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (true) {
    const std::unique_ptr<X509, Freed<X509_free>> next(
        PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
    if (!next) break;
    SSL_CTX_add_client_CA(context, next.get());
  }
  ERR_clear_error();
}

}  // namespace gonogo
