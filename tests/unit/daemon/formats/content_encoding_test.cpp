#include "daemon/formats/content_encoding.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace gonogo {
namespace {

// `window_bits`: 15 + 16 is gzip, 15 deflate with zlib's header, -15 deflate without it.
std::string packed(const std::string& text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
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

constexpr int gzip = 15 + 16;
constexpr std::size_t most = 1000;

TEST(ContentEncoding, IsUndone) {
  const std::vector<std::pair<const char*, std::string>> cases{{"gzip", packed("hello", gzip)},
                                                               {"GZIP", packed("hello", gzip)},
                                                               {" x-gzip ", packed("hello", gzip)},
                                                               {"deflate", packed("hello", 15)},
                                                               {"deflate", packed("hello", -15)},
                                                               {"identity", "hello"},
                                                               {"", "hello"}};
  for (const auto& [encoding, body] : cases) {
    const auto decoded = decode_body(body, false, encoding, most);
    ASSERT_TRUE(decoded) << encoding << decoded.error();
    EXPECT_EQ(decoded->bytes, "hello") << encoding;
    EXPECT_FALSE(decoded->is_cut) << encoding;
  }
  EXPECT_EQ(decode_body("", false, "gzip", most)->bytes, "") << "an answer to HEAD";
}

// RFC 1952, 2.2: a gzip file is one member or several.
TEST(ContentEncoding, AllMembersAreTheBody) {
  const std::string members = packed("one ", gzip) + packed("", gzip) + packed("two", gzip);
  const auto decoded = decode_body(members, false, "gzip", most);
  ASSERT_TRUE(decoded) << decoded.error();
  EXPECT_EQ(decoded->bytes, "one two");
  EXPECT_EQ(decode_body(members, false, "gzip", 5)->bytes, "one t");
  EXPECT_FALSE(decode_body(members.substr(0, members.size() - 1), false, "gzip", most));
  const auto beginning = decode_body(members.substr(0, members.size() - 9), true, "gzip", most);
  EXPECT_EQ(beginning->bytes.substr(0, 4), "one ");
  EXPECT_TRUE(beginning->is_cut);
}

TEST(ContentEncoding, WhatFollowsTheEndIsNotLeftOut) {
  for (const auto& [encoding, body] : {std::pair{"gzip", packed("one", gzip)},
                                       {"deflate", packed("one", 15)},
                                       {"deflate", packed("one", -15)}}) {
    EXPECT_FALSE(decode_body(body + "rest", false, encoding, most)) << encoding;
    EXPECT_TRUE(decode_body(body, false, encoding, most)) << encoding;
  }
}

TEST(ContentEncoding, StaysWithinItsBound) {
  const std::string bomb = packed(std::string(50'000'000, '0'), gzip);
  ASSERT_LT(bomb.size(), 100'000U);
  const auto decoded = decode_body(bomb, false, "gzip", 1 << 20);
  EXPECT_EQ(decoded->bytes.size(), 1U << 20);
  EXPECT_TRUE(decoded->is_cut);
}

TEST(ContentEncoding, RefusesWhatIsBroken) {
  const std::string whole = packed("hello, hello, hello", gzip);
  const std::string half = whole.substr(0, whole.size() - 9);
  const std::vector<std::tuple<const char*, std::string, const char*>> cases{
      {"gzip", "no gzip at all", "body is no whole gzip"},
      {"deflate", "no deflate", "body is no whole deflate"},
      {"gzip", half, "body is no whole gzip"},
      {"br", "x", "body is encoded as \"br\", wanted gzip, deflate or none"}};
  for (const auto& [encoding, body, why] : cases)
    EXPECT_EQ(decode_body(body, false, encoding, most).error(), why);
  EXPECT_TRUE(decode_body(half, true, "gzip", most)->is_cut) << "only its beginning was read";
}

}  // namespace
}  // namespace gonogo
