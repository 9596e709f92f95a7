// The small words of the core: times, durations, sizes, text.
#include <gtest/gtest.h>

#include "daemon/core/text.h"
#include "daemon/core/time.h"
#include "daemon/core/units.h"
#include "daemon/formats/redactor.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Time, ReadsRfc3339WithItsZone) {
  const auto utc = parse_rfc3339("2026-04-05T02:15:31Z");
  ASSERT_TRUE(utc);
  EXPECT_EQ(to_rfc3339(*utc), "2026-04-05T02:15:31Z");
  EXPECT_EQ(parse_rfc3339("2026-04-05T04:15:31+02:00"), utc);
  EXPECT_EQ(parse_rfc3339("2026-04-04T20:45:31.000-05:30"), utc);
  EXPECT_EQ(to_rfc3339(*parse_rfc3339("2026-04-05T02:15:31.987654Z"), true),
            "2026-04-05T02:15:31.987Z");
}

TEST(Time, RefusesWhatIsNoRfc3339Time) {
  for (const char* text :
       {"", "2026-04-05", "2026-04-05T02:15:31", "2026-13-05T02:15:31Z", "2026-02-30T02:15:31Z",
        "2026-04-05T24:15:31Z", "2026-04-05T02:60:31Z", "2026-04-05T02:15:31ZZ",
        "2026-04-05T02:15:31.Z", "2026-4-5T02:15:31Z", " 2026-04-05T02:15:31Z",
        "2026-04-05T02:15:31+2:00", "20260405T021531Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Time, ReadsTheCompactForm) {
  EXPECT_EQ(parse_compact_time("20260106T120000Z"), parse_rfc3339("2026-01-06T12:00:00Z"));
  for (const char* text :
       {"20260106T120000", "20260106 120000Z", "2026016T120000Z", "20260106T120000ZZ"}) {
    EXPECT_FALSE(parse_compact_time(text)) << text;
  }
}

TEST(Units, ReadsDurations) {
  const std::vector<std::pair<const char*, Duration>> cases{
      {"250ms", 250ms}, {"30s", 30s},     {"26h", 26h}, {"90d", 90 * 24h},
      {"1h30m", 90min}, {"1.5s", 1500ms}, {"0", 0s},    {"2w", 14 * 24h}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(parse_duration(text), expected) << text;
  for (const char* text :
       {"", "30", "s", "-5s", "1.s", "1e3s", "5 s", "5m ", "200y", "999999999999d", "1h1x"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Units, ReadsSizes) {
  EXPECT_EQ(parse_size("20GiB"), 20LL << 30);
  EXPECT_EQ(parse_size("500MB"), 500'000'000);
  EXPECT_EQ(parse_size("4096"), 4096);
  for (const char* text : {"", "MB", "-1", "1 GiB", "1gib", "99999999999TiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Units, WritesForPeople) {
  EXPECT_EQ(to_words(26h), "1d2h");
  EXPECT_EQ(to_words(90s), "1m30s");
  EXPECT_EQ(to_words(1500ms), "1s");
  EXPECT_EQ(to_words(-5s), "-5s");
  EXPECT_EQ(to_words(0s), "0s");
  EXPECT_EQ(size_in_words(1536), "1.5KiB");
  EXPECT_EQ(number_in_words(180), "180");
}

TEST(Text, CountsAgreeWithTheirNouns) {
  EXPECT_EQ(counted(0, "check"), "0 checks");
  EXPECT_EQ(counted(1, "check"), "1 check");
  EXPECT_EQ(counted(std::size_t{5}, "check"), "5 checks");
  EXPECT_EQ(counted(1, "address", "addresses"), "1 address");
  EXPECT_EQ(counted(2, "address", "addresses"), "2 addresses");
  EXPECT_EQ(counted(-1, "day"), "-1 days");
}

TEST(Text, ShowsHostileBytesWithoutObeyingThem) {
  EXPECT_EQ(in_quotes("a\x1b[31mb\n"), "\"a\\x1b[31mb\\n\"");
  EXPECT_EQ(in_quotes("\xff\xc0\x80"), "\"\\xff\\xc0\\x80\"");
  EXPECT_EQ(on_one_line("r\xc3\xa9sum\xc3\xa9"), "r\xc3\xa9sum\xc3\xa9");
  EXPECT_EQ(on_one_line("\xe2\x80\xae"), "\\xe2\\x80\\xae") << "a bidirectional override";
  EXPECT_EQ(on_one_line("\xc2\x9b"), "\\xc2\\x9b") << "a C1 control";
  EXPECT_EQ(on_one_line("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(in_quotes(std::string(200, 'x')).size(), 80 + 3 + 2);
}

TEST(Text, FindsWhatWasMeant) {
  constexpr std::array<std::string_view, 3> known{"timeout", "interval", "http"};
  EXPECT_EQ(closest("timout", known), "timeout");
  EXPECT_EQ(closest("htp", known), "http");
  EXPECT_EQ(closest("htpt", known), "http") << "a swap is one mistake";
  EXPECT_FALSE(closest("zebra", known));
}

TEST(Text, MatchesWildcards) {
  EXPECT_TRUE(matches_wildcard("1.2.*", "1.2.10"));
  EXPECT_TRUE(matches_wildcard("*", ""));
  EXPECT_TRUE(matches_wildcard("a*b*c", "a-b-b-c"));
  EXPECT_FALSE(matches_wildcard("1.2.*", "1.20"));
  EXPECT_FALSE(matches_wildcard("a*b", "abc"));
}

TEST(Text, ComparesSecrets) {
  EXPECT_TRUE(equal_in_constant_time("token", "token"));
  EXPECT_FALSE(equal_in_constant_time("token", "tokem"));
  EXPECT_FALSE(equal_in_constant_time("token", ""));
  EXPECT_FALSE(equal_in_constant_time("", "token"));
  EXPECT_FALSE(equal_in_constant_time("tokentoken", "token"));
}

TEST(Redactor, HidesASecretInEveryFormInWhichItTravels) {
  Redactor redactor;
  redactor.hide("s3cr\"t/word");
  redactor.hide_credentials("monitor", "pa55word");
  redactor.hide("postgresql://app:d%40tabase@db/x");
  for (const std::string& text :
       {std::string("got s3cr\"t/word!"), percent_encoded("s3cr\"t/word"), base64("s3cr\"t/word"),
        std::string("s3cr\\\"t/word"), "Basic " + base64("monitor:pa55word"),
        std::string("pa55word"), std::string("d@tabase"), std::string("d%40tabase")}) {
    const std::string clean = redactor.clean(text);
    EXPECT_NE(clean.find("[secret]"), std::string::npos) << text;
    EXPECT_NE(clean, text);
  }
  EXPECT_EQ(redactor.clean("nothing here"), "nothing here");
}

TEST(Redactor, EncodesAsTheRfcsSay) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(percent_decoded(percent_encoded("a b/%\xc3\xa9")), "a b/%\xc3\xa9");
  EXPECT_EQ(percent_decoded("%zz%4"), "%zz%4");
}

}  // namespace
}  // namespace gonogo
