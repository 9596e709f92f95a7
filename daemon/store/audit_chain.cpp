#include "daemon/store/audit_chain.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "daemon/formats/digests.h"
#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

std::string signed_text(std::string_view purpose, const AuditHead& head) {
  return "gonogo " + std::string(purpose) + " " + std::to_string(head.seq) + " " + head.hash;
}

constexpr std::size_t key_bytes = 32;

const unsigned char* as_bytes(const std::string& text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string_view as_text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

EVP_PKEY* key_of(void* key) { return static_cast<EVP_PKEY*>(key); }

// Writes a file that has mode 0600 from the start and is either complete or missing.
void write_private(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  const int fd = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool written = fd >= 0 &&
                       ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) ::close(fd);
  if (!written || ::rename(draft.c_str(), path.c_str()) != 0)
    throw std::runtime_error("audit key " + path + ": " + std::strerror(written ? errno : error));
}

}  // namespace

std::string hash_of(const std::string& hash_before, const AuditEntry& entry) {
  const nlohmann::json parts{hash_before, entry.seq, entry.at.time_since_epoch().count(),
                             entry.what,  entry.who, entry.body};
  return sha256_hex(to_json_text(parts));
}

AuditKey::AuditKey(const std::string& path, bool may_make) {
  std::array<char, 2 * key_bytes + 1> text{};
  std::FILE* file = std::fopen(path.c_str(), "re");
  if (file != nullptr) {
    const bool is_read = std::fgets(text.data(), text.size(), file) != nullptr;
    std::fclose(file);
    const std::string bytes = is_read ? from_hex(text.data()).value_or("") : "";
    if (bytes.size() == key_bytes)
      key_ = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, as_bytes(bytes), key_bytes);
    if (key_ == nullptr)
      throw std::runtime_error("audit key " + path + " holds no Ed25519 key (64 hex digits)");
    return;
  }
  if (errno != ENOENT || !may_make)
    throw std::runtime_error("audit key " + path + ": " + std::strerror(errno) +
                             " (the audit was signed with this key: put the file back)");
  key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  std::array<unsigned char, key_bytes> bytes{};
  std::size_t size = bytes.size();
  if (key_ == nullptr || EVP_PKEY_get_raw_private_key(key_of(key_), bytes.data(), &size) != 1)
    throw std::runtime_error("audit key: OpenSSL cannot make an Ed25519 key");
  try {
    write_private(path, to_hex(as_text(bytes.data(), size)) + "\n");
  } catch (const std::runtime_error&) {
    EVP_PKEY_free(key_of(key_));
    throw;
  }
}

AuditKey::~AuditKey() { EVP_PKEY_free(key_of(key_)); }

std::string AuditKey::sign(std::string_view purpose, const AuditHead& head) const {
  const std::string text = signed_text(purpose, head);
  std::array<unsigned char, 64> signature{};
  std::size_t size = signature.size();
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool done =
      EVP_DigestSignInit(context, nullptr, nullptr, nullptr, key_of(key_)) == 1 &&
      EVP_DigestSign(context, signature.data(), &size, as_bytes(text), text.size()) == 1;
  EVP_MD_CTX_free(context);
  if (!done) throw std::runtime_error("audit key: OpenSSL could not sign");
  return to_hex(as_text(signature.data(), size));
}

std::string AuditKey::public_key() const {
  std::array<unsigned char, key_bytes> bytes{};
  std::size_t size = bytes.size();
  if (EVP_PKEY_get_raw_public_key(key_of(key_), bytes.data(), &size) != 1)
    throw std::runtime_error("audit key: OpenSSL cannot derive the public key");
  return to_hex(as_text(bytes.data(), size));
}

bool is_signed(const std::string& public_key, std::string_view purpose, const AuditHead& head,
               const std::string& signature) {
  const std::string key_text = from_hex(public_key).value_or("");
  if (key_text.size() != key_bytes) return false;
  EVP_PKEY* key =
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, as_bytes(key_text), key_bytes);
  if (key == nullptr) return false;
  const std::string text = signed_text(purpose, head);
  const std::string bytes = from_hex(signature).value_or("");
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool fits =
      EVP_DigestVerifyInit(context, nullptr, nullptr, nullptr, key) == 1 &&
      EVP_DigestVerify(context, as_bytes(bytes), bytes.size(), as_bytes(text), text.size()) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return fits;
}

std::optional<std::string> AuditVerifier::take(const AuditEntry& entry) {
  const std::string where = "entry " + std::to_string(entry.seq);
  if (entry.seq != head_.seq + 1)
    return where + " follows entry " + std::to_string(head_.seq) + ": an entry between is missing";
  if (hash_of(head_.hash, entry) != entry.hash)
    return where + " was changed after it was written, or the entry before it was";
  head_ = {entry.seq, entry.hash};
  return std::nullopt;
}

}  // namespace gonogo
