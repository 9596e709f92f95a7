// Certificates that tests make for themselves.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace gonogo {

struct MadeCertificate {
  std::string certificate;  // PEM, signed by itself
  std::string key;          // PEM
  std::string encrypted_key;
};

inline std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

// `is_rsa`: a key of 2048 bits, else one of P-256.
inline MadeCertificate make_certificate(const char* name, bool is_rsa = false) {
  EVP_PKEY* key = is_rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 3600);
  X509_set_pubkey(certificate, key);
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_sign(certificate, key, EVP_sha256());
  MadeCertificate made;
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate);
  made.certificate = text_of(memory);
  memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
  made.key = text_of(memory);
  memory = BIO_new(BIO_s_mem());
  std::string phrase = "abcd";
  PEM_write_bio_PrivateKey(memory, key, EVP_aes_128_cbc(), nullptr, 0, nullptr, phrase.data());
  made.encrypted_key = text_of(memory);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

}  // namespace gonogo
