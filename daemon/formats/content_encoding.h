// Compressed bodies of HTTP answers (RFC 9110, 8.4), unpacked within a bound.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace gonogo {

struct DecodedBody {
  std::string bytes;
  bool is_cut = false;  // only the beginning was read, or more than the bound would come out
};

// Unpacks a body by the value of Content-Encoding, which may be gzip (of one member or several),
// deflate or none. At most
// `most` bytes come out of a packed body, then it is cut. `is_cut` says that only the beginning of
// `body` was read, so it may end early. Returns what is wrong for another encoding and for broken
// data.
tl::expected<DecodedBody, std::string> decode_body(std::string body, bool is_cut,
                                                   std::string_view encoding, std::size_t most);

}  // namespace gonogo
