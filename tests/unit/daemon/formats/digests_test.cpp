#include "daemon/formats/digests.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

// The examples of FIPS 180-4 and of RFC 4231.
TEST(Digests, AreThoseOfTheStandards) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digests, HexGoesThereAndBack) {
  const std::string bytes("\x00\x7f\x80\xff", 4);
  EXPECT_EQ(to_hex(bytes), "007f80ff");
  EXPECT_EQ(from_hex("007f80ff"), bytes);
  EXPECT_EQ(from_hex("007F80FF"), bytes);
  EXPECT_EQ(from_hex(""), "");
  for (const char* text : {"0", "0g", "g0", "00 ff", "0x", "-1", "+1"})
    EXPECT_FALSE(from_hex(text)) << text;
}

// RFC 4648, section 10.
TEST(Digests, Base64GoesThereAndBack) {
  const std::vector<std::pair<const char*, const char*>> cases{{"", ""},
                                                               {"f", "Zg=="},
                                                               {"fo", "Zm8="},
                                                               {"foo", "Zm9v"},
                                                               {"foob", "Zm9vYg=="},
                                                               {"fooba", "Zm9vYmE="},
                                                               {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(base64(plain), coded);
    EXPECT_EQ(base64_decoded(coded), plain);
  }
  for (const char* text : {"Z", "Zg", "Zg=", "Z!==", "Zm9v\x01mFy"})
    EXPECT_FALSE(base64_decoded(text)) << text;
}

}  // namespace
}  // namespace gonogo
