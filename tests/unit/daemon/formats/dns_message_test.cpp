#include "daemon/formats/dns_message.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(DnsMessage, SurvivesEveryCutAndEveryBrokenByte) {
  // An answer of one MX with a compressed name: example.org. 60 IN MX 10 mail.example.org.
  const std::string message(
      "\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00\x07"
      "example\x03org\x00\x00\x0f\x00\x01"
      "\xc0\x0c\x00\x0f\x00\x01\x00\x00\x00\x3c\x00\x09\x00\x0a\x04mail\xc0\x0c",
      50);
  const auto answer = parse_dns_message(message);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->records.size(), 1U);
  EXPECT_EQ(answer->records[0].text, "10 mail.example.org");
  EXPECT_EQ(answer->records[0].ttl, 60U);
  EXPECT_TRUE(answer->is_authoritative);
  for (std::size_t cut = 0; cut < message.size(); ++cut)
    EXPECT_FALSE(parse_dns_message(message.substr(0, cut))) << cut;
  for (std::size_t i = 0; i < message.size(); ++i) {
    for (const char byte : {'\x00', '\xff', '\xc0'}) {
      std::string broken = message;
      broken[i] = byte;
      parse_dns_message(broken);  // whatever it says, it does not fall
    }
  }
}

TEST(DnsMessage, ReverseNamesAreThoseOfTheStandards) {
  EXPECT_EQ(reverse_name("192.0.2.10"), "10.2.0.192.in-addr.arpa");
  EXPECT_EQ(reverse_name("2001:db8::1"),
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  EXPECT_FALSE(reverse_name("example.org"));
}

}  // namespace
}  // namespace gonogo
