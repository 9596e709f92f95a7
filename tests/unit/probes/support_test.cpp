// Texts that configurations hold: addresses, URLs, jq, dotenv, connection strings.
#include <gtest/gtest.h>

#include "daemon/formats/dotenv.h"
#include "daemon/formats/json_conditions.h"
#include "daemon/io/http/http1.h"
#include "daemon/io/postgres_session.h"

namespace gonogo {
namespace {

TEST(HostPort, IsReadAndWritten) {
  EXPECT_EQ(to_text(*parse_host_port("example.org:443")), "example.org:443");
  EXPECT_EQ(to_text(*parse_host_port("[::1]:80")), "[::1]:80");
  EXPECT_EQ(to_text(*parse_host_port("example.org", 25)), "example.org:25");
  for (const char* text : {"", "example.org", ":80", "a:0", "a:65536", "a:b", "::1:80", "[::1",
                           "[::1]x", "a b:1", "a@b:1", "a:-1"}) {
    EXPECT_FALSE(parse_host_port(text)) << text;
  }
}

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

TEST(Jq, RefusesWhatIsTooDeepWithoutFalling) {
  std::string problem;
  EXPECT_FALSE(Json::parse(std::string(1'000'000, '['), problem));
  EXPECT_NE(problem, "");
  EXPECT_TRUE(Json::parse(std::string(100, '[') + std::string(100, ']'), problem));
  for (const char* text : {"", "   ", "{", "{} {}", "nul", "{\"a\":}"})
    EXPECT_FALSE(Json::parse(text, problem)) << text;
}

TEST(Jq, EndsAnEndlessRowAndGoesOnAfterAnError) {
  std::string problem;
  const auto json = Json::parse("{\"a\":1}", problem);
  const auto endless = JqProgram::compile("range(0;1e9)", problem);
  ASSERT_TRUE(endless) << problem;
  EXPECT_EQ(endless->run(*json, problem).size(), 1000U);
  const auto failing = JqProgram::compile(".a.b", problem);
  problem.clear();
  EXPECT_TRUE(failing->run(*json, problem).empty());
  EXPECT_NE(problem, "");
  const auto fine = JqProgram::compile(".a + 1", problem);
  problem.clear();
  EXPECT_EQ(fine->run(*json, problem), std::vector<std::string>{"2"});
  EXPECT_EQ(JqProgram::compile(".a + 1", problem), fine) << "equal texts share one";
}

TEST(Dotenv, IsReadAsComposeReadsIt) {
  const auto keys = parse_dotenv(
      "\xEF\xBB\xBF# comment\r\nA=plain\r\nexport B = spaced # trailing\nC='single $A # "
      "kept'\nD=\"double \\\"q\\\" $A\\n\"\n"
      "E=one\nE=two\nF=#not a "
      "comment\nG=a#b\nURL=postgres://u:${A}@db/"
      "${MISSING:-x}\nMULTI=\"line1\nline2\"\nH=$$5\nnonsense line\nEMPTY=\nJ='unclosed\n");
  const std::vector<std::pair<const char*, const char*>> cases{{"A", "plain"},
                                                               {"B", "spaced"},
                                                               {"C", "single $A # kept"},
                                                               {"D", "double \"q\" plain\n"},
                                                               {"E", "two"},
                                                               {"F", ""},
                                                               {"G", "a#b"},
                                                               {"URL", "postgres://u:plain@db/x"},
                                                               {"MULTI", "line1\nline2"},
                                                               {"H", "$5"},
                                                               {"EMPTY", ""}};
  for (const auto& [key, value] : cases) {
    ASSERT_TRUE(keys.count(key)) << key;
    EXPECT_EQ(keys.at(key), value) << key;
  }
}

TEST(Dotenv, SurvivesAnything) {
  std::string text;
  unsigned state = 1;
  for (int round = 0; round < 20'000; ++round) {
    text.clear();
    for (int i = 0; i < 24; ++i) {
      state = state * 1664525 + 1013904223;
      text += "A=\"'$\\{}#\n\r x:-"[(state >> 24) % 15];
    }
    parse_dotenv(text);
  }
}

TEST(PostgresTarget, DropsSqlalchemysDriverAndNeverShowsThePassword) {
  std::string problem;
  const auto target =
      parse_postgres_target("postgresql+psycopg://u:s3cret@db:5432/cleaning", problem);
  ASSERT_TRUE(target);
  for (const char* text :
       {"postgresql://u:s3cret@[db/x", "s3cret", "postgresql://u:s3cret@a,b/x"}) {
    EXPECT_FALSE(parse_postgres_target(text, problem)) << text;
    EXPECT_EQ(problem.find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace gonogo
