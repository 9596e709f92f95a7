// A compressed body; and any text, compressed and cut.
#include "daemon/formats/content_encoding.h"

#include <zlib.h>

#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

constexpr std::size_t most = 20'000;

std::string packed(std::string_view text, int window_bits) {
  z_stream stream{};
  hold(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK, "zlib");
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

void unpack(const std::string& body, std::string_view encoding) {
  const auto whole = decode_body(body, false, encoding, most);
  if (whole) hold(whole->bytes.size() <= most, "a body is bounded");
  if (whole && whole->is_cut) hold(whole->bytes.size() == most, "a body is cut at its bound");
  const std::string part = body.substr(0, body.size() * 3 / 4);
  const auto beginning = decode_body(part, true, encoding, most);
  if (beginning) hold(beginning->is_cut, "a beginning is known to be one");
  if (whole && beginning && whole->bytes.size() < most)
    hold(whole->bytes.starts_with(beginning->bytes), "a beginning is the beginning");
}

void pack_and_unpack(std::string_view text) {
  struct Form {
    const char* encoding;
    int window_bits;
  };
  for (const Form form : {Form{"gzip", 15 + 16}, Form{"deflate", 15}}) {
    const std::string body = packed(text, form.window_bits);
    const auto whole = decode_body(body, false, form.encoding, text.size() + 1);
    hold(whole && whole->bytes == text && !whole->is_cut, "what was packed is unpacked");
    // RFC 1952: a gzip body is one or more members.
    const auto twice = decode_body(body + body, false, form.encoding, 2 * text.size() + 1);
    if (form.window_bits > 15)
      hold(twice && twice->bytes == std::string(text) + std::string(text), "members are joined");
    hold(!decode_body(body + "rest", false, form.encoding, text.size() + 1),
         "what follows a body is no part of it");
    const std::string part = body.substr(0, body.size() - 1);
    hold(!decode_body(part, false, form.encoding, text.size() + 1), "a cut body is no whole one");
    const auto bounded = decode_body(body, false, form.encoding, text.size() / 2);
    if (!text.empty())
      hold(bounded && bounded->is_cut && bounded->bytes == text.substr(0, text.size() / 2),
           "a body beyond the bound is its beginning");
  }
}

}  // namespace

void fuzz(std::string_view input) {
  const std::string body(input);
  for (const char* encoding : {"gzip", "deflate", "", "br"}) unpack(body, encoding);
  pack_and_unpack(input);
}

}  // namespace gonogo
