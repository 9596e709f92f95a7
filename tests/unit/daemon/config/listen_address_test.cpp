#include "daemon/config/listen_address.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(ListenAddress, IsAnAddressLocalhostOrASocket) {
  const std::string long_path = "unix:/" + std::string(107, 'x');
  for (const char* text : {"db.internal:9880", "0.0.0.0", ":9880", "*:9880", "foo:0", "",
                           "unix:relative", "unix:", "127.0.0.1:65536", "::1:9880",
                           "127.0.0.1:", "localhost", ":0", "127.1:9880", long_path.c_str()})
    EXPECT_FALSE(parse_listen(text)) << text;
  EXPECT_EQ(parse_listen("127.0.0.1:0")->port, 0);
  EXPECT_EQ(parse_listen("[::1]:9880")->hosts, std::vector<std::string>{"::1"});
  EXPECT_EQ(parse_listen("LOCALHOST:1")->hosts, (std::vector<std::string>{"127.0.0.1", "::1"}));
  EXPECT_EQ(parse_listen("unix:/run/g.sock")->path, "/run/g.sock");
}

TEST(ListenAddress, IsJudgedByWhoCanConnect) {
  for (const char* here : {"127.0.0.1:9880", "127.9.9.9:1", "[::1]:9880", "[::ffff:127.0.0.1]:1",
                           "localhost:9880", "unix:/run/g.sock", "unix:@abstract", "unix:"})
    EXPECT_TRUE(is_on_this_host_only(here)) << here;
  for (const char* wide : {"0.0.0.0:9880", "[::]:9880", "192.0.2.1:80", "[::ffff:0.0.0.0]:1",
                           "[fe80::1]:1", "a socket of family 40", "?", "db.internal:1"})
    EXPECT_FALSE(is_on_this_host_only(wide)) << wide;
}

TEST(ListenAddresses, AreFoundTwice) {
  using Texts = std::vector<std::string>;
  for (const Texts& all : {Texts{"127.0.0.1:1", "127.0.0.1:1"},
                           {"localhost:1", "127.0.0.1:1"},
                           {"[::1]:1", "127.0.0.1:1", "LOCALHOST:1"},
                           {"[::1]:1", "[0:0::1]:1"},
                           {"127.0.0.1:1", "[::ffff:127.0.0.1]:1"},
                           {"0.0.0.0:1", "127.0.0.1:1"},
                           {"[::1]:1", "[::]:1"},
                           {"unix:/run/a", "127.0.0.1:1", "unix:/run/a"}}) {
    const auto twice = find_listened_twice(all);
    ASSERT_TRUE(twice) << all.front();
    EXPECT_EQ(twice->later, all.back());
    EXPECT_EQ(twice->earlier, all.front());
  }
  for (const Texts& all : {Texts{"127.0.0.1:1", "127.0.0.1:2"},
                           {"127.0.0.1:0", "127.0.0.1:0"},
                           {"127.0.0.1:1", "127.0.0.2:1"},
                           {"[::1]:1", "127.0.0.1:1"},
                           {"0.0.0.0:1", "[::1]:1"},
                           {"unix:/run/a", "unix:/run/b"},
                           {"nonsense", "nonsense"},
                           {}})
    EXPECT_FALSE(find_listened_twice(all)) << all.size();
}

}  // namespace
}  // namespace gonogo
