// Compressed bodies of HTTP answers (RFC 9110, 8.4), unpacked within a bound.
#pragma once

#include "daemon/io/http/http1.h"

namespace gonogo {

// Unpacks gzip and deflate; at most `most` bytes come out, then the body is cut. Throws RunEnded
// (protocol) for another encoding and for broken data.
void decode_body(HttpResponse& response, std::size_t most);

}  // namespace gonogo
