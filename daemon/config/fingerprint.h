// Digests that differ when two configurations differ.
#pragma once

#include <string>
#include <string_view>

#include "daemon/formats/node.h"

namespace gonogo {

// The first 64 bits of SHA-256, in hex.
std::string digest_of(std::string_view text);

// The digest of one check: over everything that decides what its results mean. Secrets from outside
// count by their names, those written in the configuration by their values: it must never be shown.
// `options` may be null.
std::string fingerprint_of(const std::string& kind, const Node* options);

}  // namespace gonogo
