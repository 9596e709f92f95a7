#include "daemon/formats/content_encoding.h"

#include <zlib.h>

#include <array>
#include <memory>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

struct Inflater {
  explicit Inflater(int window_bits) {
    if (inflateInit2(&stream, window_bits) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream stream{};
};

enum class End : std::uint8_t { whole, cut, broken, unfinished };

End inflate_all(const std::string& packed, int window_bits, std::size_t most, std::string& out) {
  Inflater inflater(window_bits);
  inflater.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  inflater.stream.avail_in = static_cast<uInt>(packed.size());
  std::array<char, 16384> chunk;
  while (true) {
    inflater.stream.next_out = reinterpret_cast<Bytef*>(chunk.data());
    inflater.stream.avail_out = chunk.size();
    const int status = inflate(&inflater.stream, Z_NO_FLUSH);
    out.append(chunk.data(), chunk.size() - inflater.stream.avail_out);
    if (out.size() > most) {
      out.resize(most);
      return End::cut;
    }
    if (status == Z_STREAM_END) {
      if (inflater.stream.avail_in == 0) return End::whole;
      // Another member of the same body (RFC 1952, 2.2); anything else is no part of it.
      if (window_bits <= 15 || *inflater.stream.next_in != 0x1F) return End::broken;
      if (inflateReset(&inflater.stream) != Z_OK) return End::broken;
      continue;
    }
    if (status == Z_BUF_ERROR) return End::unfinished;
    if (status != Z_OK) return End::broken;
  }
}

}  // namespace

tl::expected<DecodedBody, std::string> decode_body(std::string body, bool is_cut,
                                                   std::string_view encoding, std::size_t most) {
  encoding = trimmed(encoding);
  if (encoding.empty() || body.empty() || equal_ignoring_case(encoding, "identity"))
    return DecodedBody{std::move(body), is_cut};
  const bool is_gzip =
      equal_ignoring_case(encoding, "gzip") || equal_ignoring_case(encoding, "x-gzip");
  const bool is_deflate = equal_ignoring_case(encoding, "deflate");
  if (!is_gzip && !is_deflate) {
    return tl::unexpected("body is encoded as " + in_quotes(encoding) +
                          ", wanted gzip, deflate or none");
  }
  DecodedBody decoded;
  End end = inflate_all(body, is_gzip ? 15 + 16 : 15, most, decoded.bytes);
  if (end == End::broken && is_deflate && decoded.bytes.empty()) {
    // Some servers send raw deflate under that name.
    end = inflate_all(body, -15, most, decoded.bytes);
  }
  if (end == End::broken || (end == End::unfinished && !is_cut))
    return tl::unexpected("body is no whole " + std::string(encoding));
  decoded.is_cut = is_cut || end == End::cut;
  return decoded;
}

}  // namespace gonogo
