// The audit: entries that each hold the digest of the one before, and a head signed with a key of
// this daemon. An edit, a cut (at the end too), an insertion and a change of order are all found.
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

// What the chain stands at: given out with every write, so that whoever asked can hold it against
// the chain later.
struct AuditHead {
  std::int64_t seq = 0;
  std::string hash = std::string(64, '0');  // of the entry `seq`; zeros before the first
};

// SHA-256 over the JSON array [hash before, seq, at (microseconds since 1970), what, who, body].
std::string hash_of(const std::string& hash_before, const AuditEntry& entry);

// An Ed25519 key (RFC 8032).
class AuditKey {
 public:
  // Reads the file at `path`, 64 hex digits; makes it (mode 0600) when it is missing and
  // `may_make`. Throws std::runtime_error with what is wrong.
  AuditKey(const std::string& path, bool may_make);
  ~AuditKey();
  AuditKey(const AuditKey&) = delete;
  AuditKey& operator=(const AuditKey&) = delete;

  // Hex. `purpose` keeps a signature from being taken for one of another kind.
  std::string sign(std::string_view purpose, const AuditHead& head) const;
  std::string public_key() const;  // hex

 private:
  void* key_ = nullptr;  // an EVP_PKEY: OpenSSL stays out of headers
};

bool is_signed(const std::string& public_key, std::string_view purpose, const AuditHead& head,
               const std::string& signature);

// Holds entries against each other, in the order in which they are given.
class AuditVerifier {
 public:
  // `begin`: the checkpoint before the first entry, or an empty head.
  explicit AuditVerifier(AuditHead begin) : head_(std::move(begin)) {}

  // Nothing when the entry follows the one before; else what is wrong, after which no further entry
  // is worth a look.
  std::optional<std::string> take(const AuditEntry& entry);
  const AuditHead& head() const { return head_; }

 private:
  AuditHead head_;
};

}  // namespace gonogo
