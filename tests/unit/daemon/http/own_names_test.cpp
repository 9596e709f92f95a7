#include "daemon/http/own_names.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using Names = std::vector<std::string>;

TEST(OwnNames, AreTheHostNameItsCanonicalNameAndThoseBelowTheSearchDomains) {
  const char* hosts =
      "127.0.0.1 localhost\n127.0.1.1\tApp-1.example.org App-1 # app-1\n192.0.2.1 other.example\n"
      "# 192.0.2.2 app-1.evil app-1\n192.0.2.3\n";
  const char* resolv =
      "nameserver 192.0.2.53\nsearch lan Example.NET\n; search x\noptions ndots:1\n";
  EXPECT_EQ(own_names("app-1", hosts, resolv),
            (Names{"app-1", "app-1.example.org", "app-1.lan", "app-1.example.net"}));
  EXPECT_EQ(own_names("APP-1", "", ""), Names{"app-1"});
  EXPECT_EQ(own_names("app-1.example.org", hosts, resolv), Names{"app-1.example.org"});
  EXPECT_EQ(own_names("other", "127.0.0.1 localhost other\n", ""), (Names{"other", "localhost"}));
  EXPECT_EQ(own_names("", hosts, resolv), Names{});
  EXPECT_EQ(own_names("no name", hosts, resolv), Names{});
  EXPECT_EQ(own_names("a", "", "search 1 2 3 4 5 6 7 8\n").size(), 7U) << "bounded";
}

TEST(OwnNames, OfThisHostAreKnown) { EXPECT_FALSE(names_of_this_host().empty()); }

}  // namespace
}  // namespace gonogo
