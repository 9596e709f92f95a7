// The audit is a list of entries. Each entry holds the digest of the entry before it, and the head
// is signed with a key of this daemon. Verification finds every edit, removal (also at the end),
// insertion and change of order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/time.h"

namespace gonogo {

struct AuditEntry {
  std::int64_t seq = 0;  // from 1, without gaps
  WallTime at{};
  std::string what;  // "signoff", "waiver", "deployment", ...
  std::string who;
  std::string body;  // JSON
  std::string hash;  // hex
};

// The last entry of the chain. Every write returns it, so that the caller can compare it with the
// chain later.
struct AuditHead {
  std::int64_t seq = 0;
  std::string hash = std::string(64, '0');  // the hash of entry `seq`; zeros before the first
};

// SHA-256 over the JSON array [hash before, seq, at (microseconds since 1970), what, who, body].
std::string hash_of(const std::string& hash_before, const AuditEntry& entry);

// An Ed25519 key (RFC 8032).
class AuditKey {
 public:
  // Reads the key from the file at `path` (64 hex digits). When the file is missing and `may_make`
  // is true, makes a new key and writes it there with mode 0600. Throws std::runtime_error.
  AuditKey(const std::string& path, bool may_make);
  ~AuditKey();
  AuditKey(const AuditKey&) = delete;
  AuditKey& operator=(const AuditKey&) = delete;

  // Returns the signature in hex. A signature for one `purpose` is not valid for another.
  std::string sign(std::string_view purpose, const AuditHead& head) const;
  std::string public_key() const;  // hex

 private:
  void* key_ = nullptr;  // an EVP_PKEY: OpenSSL stays out of headers
};

bool is_signed(const std::string& public_key, std::string_view purpose, const AuditHead& head,
               const std::string& signature);

// Verifies that each entry follows the one before it.
class AuditVerifier {
 public:
  // `begin`: the checkpoint before the first entry, or an empty head.
  explicit AuditVerifier(AuditHead begin) : head_(std::move(begin)) {}

  // Takes the next entry. Returns what is wrong with it, or nothing; after an error the verdict on
  // further entries means nothing.
  std::optional<std::string> take(const AuditEntry& entry);
  const AuditHead& head() const { return head_; }

 private:
  AuditHead head_;
};

}  // namespace gonogo
