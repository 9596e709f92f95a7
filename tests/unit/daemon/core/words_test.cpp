// The small words of the core: times, durations, sizes, text.
#include <gtest/gtest.h>

#include "daemon/core/text.h"
#include "daemon/core/time.h"
#include "daemon/core/units.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Time, IsWrittenForDocuments) {
  const WallTime time{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5} + 2h + 15min +
                      31'987'654us};
  EXPECT_EQ(to_rfc3339(time), "2026-04-05T02:15:31Z");
  EXPECT_EQ(to_rfc3339(time, true), "2026-04-05T02:15:31.987Z");
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
  EXPECT_EQ(on_one_line("\xef\xbb\xbf"), "\\xef\\xbb\\xbf") << "a byte order mark is not seen";
  EXPECT_EQ(on_one_line("\xe2\x80\x8b"), "\\xe2\\x80\\x8b") << "a zero-width space";
  EXPECT_EQ(on_one_line("\xe2\x80\x8e\xe2\x81\xa0"), "\\xe2\\x80\\x8e\\xe2\\x81\\xa0");
  EXPECT_EQ(on_one_line("\xe2\x80\x8d\xef\xbb\xbc"), "\xe2\x80\x8d\xef\xbb\xbc")
      << "a joiner belongs to a character, and an Arabic letter is one";
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

TEST(Text, JoinsAndLowers) {
  EXPECT_EQ(joined(std::vector<std::string>{}), "");
  EXPECT_EQ(joined(std::vector<std::string>{"a", "", "b"}), "a, , b");
  EXPECT_EQ(joined(std::array<std::string_view, 2>{"a", "b"}, " or "), "a or b");
  EXPECT_EQ(lower_case("MiXed 09 \xc3\x89"), "mixed 09 \xc3\x89") << "only ASCII";
}

}  // namespace
}  // namespace gonogo
