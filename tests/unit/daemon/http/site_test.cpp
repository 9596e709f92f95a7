// Who a request is for, and which page made it: both as tables.
#include "daemon/http/site.h"

#include <gtest/gtest.h>

#include "daemon/http/host_header.h"

namespace gonogo {
namespace {

TEST(HostHeader, IsANameOrAnAddressWithAPort) {
  struct Case {
    const char* text;
    const char* name;  // empty: no host
    int port;          // -1: none
    bool is_address;
  };
  for (const Case& row : {Case{"example.org", "example.org", -1, false},
                          Case{"Example.ORG.:9880", "example.org", 9880, false},
                          Case{"example.org:", "example.org", -1, false},
                          Case{" example.org ", "example.org", -1, false},
                          Case{"a_b-c.d", "a_b-c.d", -1, false},
                          Case{"192.0.2.7:80", "192.0.2.7", 80, true},
                          Case{"1.2.3.4.5", "1.2.3.4.5", -1, false},
                          Case{"127.1", "127.1", -1, false},
                          Case{"[::1]", "::1", -1, true},
                          Case{"[2001:DB8::0:1]:65535", "2001:db8::1", 65535, true},
                          Case{"[::1", "", -1, false},
                          Case{"::1", "", -1, false},
                          Case{"[fe80::1%1]", "", -1, false},
                          Case{"[example.org]", "", -1, false},
                          Case{"[::1]x", "", -1, false},
                          Case{"example.org:65536", "", -1, false},
                          Case{"example.org:80x", "", -1, false},
                          Case{"example.org:-1", "", -1, false},
                          Case{"user@example.org", "", -1, false},
                          Case{"exa mple.org", "", -1, false},
                          Case{"example.org/x", "", -1, false},
                          Case{".", "", -1, false},
                          Case{"", "", -1, false}}) {
    const auto host = parse_host(row.text);
    ASSERT_EQ(host.has_value(), *row.name != '\0') << row.text;
    if (!host) continue;
    EXPECT_EQ(host->name, row.name);
    EXPECT_EQ(host->port ? int{*host->port} : -1, row.port) << row.text;
    EXPECT_EQ(host->is_address, row.is_address) << row.text;
  }
  EXPECT_EQ(host_name_in_lower_case(std::string(254, 'a')), "");
}

bool knows(const Site& site, const std::string& host, bool is_unix = false) {
  Request request;
  request.host = host;
  request.is_unix = is_unix;
  return site.knows_host_of(request);
}

TEST(Site, KnowsAddressesSingleLabelsAndItsNames) {
  const Site site({"gonogo.example.org", "*.apps.example.org"}, std::nullopt);
  for (const char* host :
       {"", "127.0.0.1", "192.0.2.1:80", "[::1]:9880", "localhost", "LocalHost.:1", "app-1",
        "gonogo.example.org", "GONOGO.example.org.:9880", "x.apps.example.org"})
    EXPECT_TRUE(knows(site, host)) << host;
  for (const char* host :
       {"evil.example", "example.org", "x.gonogo.example.org", "127.1",
        "gonogo.example.org.evil.example", "apps.example.org", "x.y.apps.example.org",
        ".apps.example.org", "localhost.localdomain", "no host", "a@b"})
    EXPECT_FALSE(knows(site, host)) << host;
  EXPECT_TRUE(knows(site, "evil.example", true)) << "who reaches a UNIX socket is no browser";
  EXPECT_FALSE(knows(Site(), "gonogo.example.org"));
}

struct Sent {
  const char* host;
  const char* origin;      // null: no such header
  const char* fetch_site;  // null: no such header
  bool is_foreign;
  bool is_tls = false;
};

bool is_foreign(const Site& site, const Sent& sent) {
  Request request;
  request.host = sent.host;
  request.is_tls = sent.is_tls;
  if (sent.origin != nullptr) request.origin = sent.origin;
  if (sent.fetch_site != nullptr) request.fetch_site = sent.fetch_site;
  return site.is_foreign(request);
}

TEST(Site, TellsItsOwnPagesFromThoseOfOthers) {
  constexpr const char* none = nullptr;
  for (const Sent& sent :
       {Sent{"h:9880", none, none, false}, Sent{"", none, none, false},
        Sent{"h:9880", "http://h:9880", none, false}, Sent{"h:9880", "http://H:9880", none, false},
        Sent{"H.:9880", "http://h:9880", none, false}, Sent{"h", "http://h", none, false},
        Sent{"h", "http://h:80", none, false}, Sent{"h:80", "http://h", none, false},
        // behind a proxy that ends TLS
        Sent{"h", "https://h", none, false}, Sent{"h:443", "https://h", none, false},
        Sent{"h", "https://h", none, false, true}, Sent{"h", "http://h", none, true, true},
        Sent{"[::1]:1", "http://[::1]:1", none, false}, Sent{"h:9880", "http://h:9881", none, true},
        Sent{"h:9880", "http://h", none, true}, Sent{"h:9880", "https://h", none, true},
        Sent{"h:9880", "http://evil:9880", none, true}, Sent{"h:9880", "null", none, true},
        Sent{"h:9880", "", none, true}, Sent{"h:9880", "ftp://h:9880", none, true},
        Sent{"h:9880", "h:9880", none, true}, Sent{"h:9880", "file://", none, true},
        Sent{"", "http://h:9880", none, true}, Sent{"h", none, "same-origin", false},
        Sent{"h", none, "none", false}, Sent{"h", none, "same-site", true},
        Sent{"h", none, "cross-site", true}, Sent{"h", none, "", true},
        Sent{"h", none, "Same-Origin", true}, Sent{"h", "http://h", "same-origin", false},
        Sent{"h", "http://h", "same-site", true}, Sent{"h", "http://evil", "same-origin", true},
        Sent{"h", "http://evil", "none", true}}) {
    EXPECT_EQ(is_foreign(Site(), sent), sent.is_foreign)
        << sent.host << " " << (sent.origin != nullptr ? sent.origin : "-") << " "
        << (sent.fetch_site != nullptr ? sent.fetch_site : "-");
  }
}

TEST(Site, TakesItsPublicAddressForItsOwn) {
  const Site site({}, parse_url("https://gonogo.example.org/board"));
  constexpr const char* none = nullptr;
  for (const Sent& sent :
       {Sent{"127.0.0.1:9880", "https://gonogo.example.org", none, false},
        Sent{"gonogo.example.org", "https://gonogo.example.org:443", "same-origin", false},
        Sent{"", "https://GONOGO.example.org", none, false},
        Sent{"gonogo.example.org", "http://gonogo.example.org", none, true},
        Sent{"gonogo.example.org:443", "http://gonogo.example.org:443", none, true},
        Sent{"127.0.0.1:9880", "https://gonogo.example.org:8443", none, true},
        Sent{"127.0.0.1:9880", "https://x.gonogo.example.org", none, true},
        Sent{"127.0.0.1:9880", "https://gonogo.example.org", "cross-site", true},
        Sent{"127.0.0.1:9880", "http://127.0.0.1:9880", none, false}}) {
    EXPECT_EQ(is_foreign(site, sent), sent.is_foreign) << sent.host << " " << sent.origin;
  }
}

}  // namespace
}  // namespace gonogo
