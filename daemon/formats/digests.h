// Digests, and bytes written as text: hexadecimal and base64.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

// SHA-256 as 32 bytes, and as 64 hexadecimal digits.
std::string sha256(std::string_view bytes);
std::string sha256_hex(std::string_view bytes);

// HMAC with SHA-256 (RFC 2104), as 32 bytes.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// Writes two lower-case digits for each byte.
std::string to_hex(std::string_view bytes);

// Reads pairs of digits, in either case; nothing when `text` is anything else.
std::optional<std::string> from_hex(std::string_view text);

// Base64 with padding (RFC 4648); nothing when `text` is anything else.
std::string base64(std::string_view bytes);
std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace gonogo
