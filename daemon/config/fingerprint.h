// Digests that tell two configurations apart.
#pragma once

#include <string>
#include <string_view>

#include "daemon/formats/node.h"

namespace gonogo {

// The first 64 bits of SHA-256, in hex.
std::string digest_of(std::string_view text);

// Of one check: of everything that decides what a result of it means, secrets included. Not for
// anybody's eyes. `options` may be null.
std::string fingerprint_of(const std::string& kind, const Node* options);

}  // namespace gonogo
