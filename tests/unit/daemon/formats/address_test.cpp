#include "daemon/formats/address.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"
#include "daemon/formats/settings.h"

namespace gonogo {
namespace {

TEST(Address, IsReadAndWritten) {
  EXPECT_EQ(to_text(*parse_host_port("example.org:443")), "example.org:443");
  EXPECT_EQ(to_text(*parse_host_port("[::1]:80")), "[::1]:80");
  EXPECT_EQ(to_text(*parse_host_port("example.org", 25)), "example.org:25");
  for (const char* text : {"", "example.org", ":80", "a:0", "a:65536", "a:b", "::1:80", "[::1",
                           "[::1]x", "a b:1", "a@b:1", "a:-1"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

struct TargetCase {
  const char* text;
  const char* host;
  int port;
  HostPort::Via via;
};

TEST(Address, MayBeASocketOrAContainer) {
  const std::vector<TargetCase> cases{
      {"db:5432", "db", 5432, HostPort::Via::network},
      {"db", "db", 9, HostPort::Via::network},
      {"unix:/run/app.sock", "/run/app.sock", 0, HostPort::Via::unix_socket},
      {"docker://shop/db:5432", "shop/db", 5432, HostPort::Via::docker},
      {"docker://shop/db", "shop/db", 9, HostPort::Via::docker}};
  for (const auto& [text, host, port, via] : cases) {
    const auto target = parse_target(text, 9);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(target->host, host) << text;
    EXPECT_EQ(target->port, port) << text;
    EXPECT_EQ(target->via, via) << text;
    EXPECT_EQ(parse_target(to_text(*target))->host, host) << text;
  }
  const std::string long_path = "unix:/" + std::string(107, 'x');
  for (const std::string& text :
       {std::string("unix:run/app.sock"), std::string("unix:"), std::string("docker://shop"),
        std::string("docker:///db:1"), std::string("docker://shop/:1"), long_path}) {
    EXPECT_FALSE(parse_target(text, 9)) << text;
  }
}

TEST(Address, ABadOneInAConfigurationIsAProblemAtItsKey) {
  Reading reading;
  Node node = parse_document("x", "{good: 'a:1', bad: 'a:b'}", reading.problems);
  Settings settings(&node, node.place, "check", reading);
  EXPECT_EQ(to_text(*read_target(settings, "good", 0, "db:5432")), "a:1");
  EXPECT_FALSE(read_target(settings, "absent", 0, "db:5432"));
  EXPECT_TRUE(reading.problems.empty());
  EXPECT_FALSE(read_target(settings, "bad", 0, "db:5432"));
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].path, "check.bad");
}

TEST(Address, AHostNameIsMadeOfLabels) {
  for (const char* name : {"a", "site.test", "Site.TEST.", "a-b.c_d.9", "xn--bcher-kva.example"})
    EXPECT_TRUE(is_host_name(name)) << name;
  for (const char* text : {"", ".", ".a", "a..b", "a b", "*.a",
                           "b\xc3\xbc"
                           "cher.example",
                           "a:1", "[::1]"})
    EXPECT_FALSE(is_host_name(text)) << text;
}

}  // namespace
}  // namespace gonogo
