#include "daemon/formats/url.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(Url, IsReadInItsParts) {
  const auto url = parse_url("https://u:p%40ss@[::1]:8443/a/b?c=d#e");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->is_tls);
  EXPECT_EQ(url->target.host, "::1");
  EXPECT_EQ(url->target.port, 8443);
  EXPECT_EQ(url->path, "/a/b?c=d");
  EXPECT_EQ(url->password, "p@ss");
  EXPECT_EQ(to_text(*url), "https://[::1]:8443/a/b?c=d");
  EXPECT_EQ(host_header(*parse_url("http://example.org")), "example.org");
  for (const char* text :
       {"", "example.org", "ftp://x/", "http://", "http://x:0/", "http://x:99999/", "http://a b/",
        "http:///x", "https://x/\r\nHost: y"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Url, APortIsANumber) {
  for (const char* text : {"http://api:8o80/healthz", "http://api:80x", "http://[::1]:80x/",
                           "http://api:-80/", "http://api:+80/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
  EXPECT_EQ(parse_url("http://api:/x")->target.port, 80) << "an empty port is the usual one";
}

// A name server would be asked for "a", and a Host header would be two.
TEST(Url, AHostHidesNothingInCodes) {
  for (const char* text :
       {"http://a%00.example.org/", "http://a%0d%0aX-Admin:%20yes/", "http://a%2Fb/",
        "http://a%40b/", "http://%20/", "http://a%3A80/", "http://.example.org/", "http://a..b/"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
  for (const char* text : {"http://%61.example.org/", "http://my_host/", "http://example.org./",
                           "http://127.0.0.1/", "http://[2001:db8::1]/"}) {
    EXPECT_TRUE(parse_url(text)) << text;
  }
  const Url base = *parse_url("https://example.org/a");
  EXPECT_FALSE(resolve_reference(base, "//b%0d%0aX:y/"));
}

TEST(Url, FollowsReferences) {
  const Url base = *parse_url("https://example.org/a/b?c");
  const std::vector<std::pair<const char*, const char*>> cases{
      {"/x", "https://example.org/x"},
      {"x", "https://example.org/a/x"},
      {"//other.org/y", "https://other.org/y"},
      {"http://z/", "http://z/"},
      {"?q", "https://example.org/a/b?q"}};
  for (const auto& [location, expected] : cases)
    EXPECT_EQ(to_text(*resolve_reference(base, location)), expected);
  EXPECT_FALSE(resolve_reference(base, "javascript:alert(1)"));
  EXPECT_FALSE(resolve_reference(base, "http://[bad"));
}

TEST(Url, NamesItsPortOnlyWhereItIsNotTheUsualOne) {
  const std::vector<std::pair<const char*, const char*>> cases{
      {"http://example.org:80/", "example.org"},
      {"https://example.org:443/", "example.org"},
      {"https://example.org:80/", "example.org:80"},
      {"http://[::1]/", "[::1]"},
      {"http://[::1]:8080/", "[::1]:8080"}};
  for (const auto& [url, header] : cases) EXPECT_EQ(host_header(*parse_url(url)), header) << url;
}

TEST(Url, PercentCodingIsThatOfTheRfc) {
  const std::vector<std::pair<std::string, std::string>> cases{{"", ""},
                                                               {"aZ09-._~", "aZ09-._~"},
                                                               {"a b", "a%20b"},
                                                               {"/?&=", "%2F%3F%26%3D"},
                                                               {"\xc3\xa9", "%C3%A9"},
                                                               {"%", "%25"}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(percent_encoded(plain), coded);
    EXPECT_EQ(percent_decoded(coded), plain);
  }
  EXPECT_EQ(percent_decoded("%c3%A9"), "\xc3\xa9") << "digits in either case";
  for (const char* text : {"%", "%4", "%zz%4", "100% of it", "%-1"})
    EXPECT_EQ(percent_decoded(text), text) << "what is no code stays";
}

TEST(Url, AnOriginIsTheSchemeTheHostAndThePort) {
  const Url url = *parse_url("https://site.test/a?b");
  EXPECT_EQ(origin_text(url), "https://site.test");
  EXPECT_EQ(origin_text(*parse_url("http://u:p@[::1]:81/x")), "http://[::1]:81");
  for (const char* same : {"https://site.test/", "https://SITE.test/c", "https://site.test:443/"})
    EXPECT_TRUE(is_same_origin(url, *parse_url(same))) << same;
  for (const char* other : {"http://site.test/", "http://site.test:443/", "https://site.test:444/",
                            "https://a.site.test/", "https://127.0.0.1/"})
    EXPECT_FALSE(is_same_origin(url, *parse_url(other))) << other;
}

}  // namespace
}  // namespace gonogo
