// RE2 2022-06-01 itself decides what an expression matches, as characters and as bytes (Latin-1).
#include "daemon/formats/pattern.h"

#include <gtest/gtest.h>

#include <array>

#include "daemon/config/document.h"
#include "daemon/core/utf8.h"

namespace gonogo {
namespace {

Pattern pattern_of(const std::string& text, bool of_bytes = false) {
  std::string problem;
  return TextPattern::compile(text, of_bytes, problem);
}

TEST(Pattern, OneOrSeveralAreRead) {
  Reading reading;
  Node node = parse_document("x", "{one: '^a', two: [b, 'c+'], bad: ['(', ok]}", reading.problems);
  Settings settings(&node, node.place, "expect", reading);
  EXPECT_EQ(read_patterns(settings, "one").size(), 1U);
  EXPECT_EQ(read_patterns(settings, "two").size(), 2U);
  EXPECT_TRUE(read_patterns(settings, "absent").empty());
  EXPECT_TRUE(reading.problems.empty());
  EXPECT_EQ(read_patterns(settings, "bad").size(), 1U);
  ASSERT_EQ(reading.problems.size(), 1U);
  EXPECT_EQ(reading.problems[0].path, "expect.bad");
  EXPECT_NE(reading.problems[0].text.find("is no RE2 expression"), std::string::npos);
}

TEST(Pattern, MayBeOfBytes) {
  const Pattern of_text = pattern_of("^\\xff$");
  const Pattern of_bytes = pattern_of("^\\xff$", true);
  EXPECT_TRUE(of_bytes->matches("\xff"));
  EXPECT_FALSE(of_bytes->matches("\xc3\xbf"));
  EXPECT_TRUE(of_text->matches("\xc3\xbf"));
  EXPECT_TRUE(of_text->matches("\xff")) << "that text is matched as bytes";
}

struct Case {
  const char* pattern;
  std::string text;
  bool matches;
};

const Case cases[] = {
    // UTF-8 as characters.
    {"^caf.$", "caf\xc3\xa9", true},
    {"^caf..$", "caf\xc3\xa9", false},
    {"(?i)über", "ÜBER", true},
    {"\\p{Greek}", "\xce\xb1", true},
    {"^[äö]$", "ö", true},
    {"^\\C\\C$", "ö", true},
    // One byte outside UTF-8 hides nothing: in the match, before it, behind it.
    {"ERROR.*payment", "ERROR caf\xe9 payment", true},
    {"ERROR.*payment", "ERROR \xff\xfe payment", true},
    {"ERROR.*payment", "ERROR \x80 payment", true},
    {"ERROR.*payment", "ERROR \xc3( payment", true},
    {"ERROR.*payment", "ERROR \xed\xa0\x80 payment", true},
    {"ERROR.*payment", "ERROR \xc0\xaf payment", true},
    {"^ERROR.*payment$", "ERROR payment \xe9 payment", true},
    {"^.*ERROR", "\xe9 ERROR", true},
    {"ERROR[^;]*$", "ERROR caf\xe9", true},
    {"ERROR.{3}x", "ERROR \xe9 x", true},
    {"user=\\S+ denied", "user=andr\xe9 denied", true},
    {"ERROR\\W+payment", "ERROR \xa0 payment", true},
    {"(?s)a.b",
     "a\xff"
     "b",
     true},
    {"^caf.$", "caf\xe9", true},
    {"^caf\\xe9$", "caf\xe9", true},
    {"^caf.{3}$", "caf\xc3\xa9\xff", true},  // as bytes
    {"\\xc3\\xa9", "caf\xc3\xa9\xff", true},
    // What is UTF-8 beside it still is.
    {"(?i)über.*payment", "ÜBER \xff payment", true},
    {"\\p{Greek}", "\xce\xb1 \xff", true},
    {"^[äö]x", "öx \xff", true},
    {"^caf.. payment$", "caf\xc3\xa9\xff payment", true},
    {"\\x{1F600} .* payment", "\xf0\x9f\x98\x80 \xff payment", true},
    {"café", "caf\xe9 payment", true},
    {"(?i)ÉTÉ", "\xe9t\xe9", true},
    // The controls: what is not there is not found.
    {"ERROR.*payment", "ERROR caf\xe9 paiment", false},
    {"ERROR.*payment", "payment \xe9 ERROR", false},
    {"ERROR.*payment", "ERROR \xe9\n payment", false},
    {"^ERROR$", "ERROR\xff", false},
    {"ERROR\\d+x", "ERROR\xe9x", false},
    {"\\x{1F600}", "\xf0\x9f\x98 \xff", false},
    {"ERROR\\w+x", "ERROR\xe9x", false},
    {"[[:ascii:]]{3}",
     "a\xff"
     "b\xff"
     "c",
     false},
};

TEST(Pattern, IsHiddenByNoByte) {
  for (const Case& each : cases) {
    const Pattern pattern = pattern_of(each.pattern);
    ASSERT_TRUE(pattern) << each.pattern;
    EXPECT_EQ(pattern->matches(each.text), each.matches)
        << each.pattern << " in " << testing::PrintToString(each.text);
    EXPECT_EQ(pattern->find(each.text).has_value(), each.matches)
        << each.pattern << " in " << testing::PrintToString(each.text);
  }
}

bool by_re2(const std::string& pattern, const std::string& text, bool of_bytes, bool whole) {
  RE2::Options options;
  if (of_bytes) options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_log_errors(false);
  const RE2 expression(pattern, options);
  if (!expression.ok()) return false;
  return whole ? RE2::FullMatch(text, expression) : RE2::PartialMatch(text, expression);
}

constexpr std::array expressions{
    "ERROR.*payment", "^ERROR",  "payment$",   "^caf.$",      "^caf..$",   "(?i)über",
    "\\p{Greek}",     "[äö]+",   "\\S+ \\S+",  "^.{4}$",      "\\bfoo\\b", "[^a-z]",
    "^\\C+$",         "\\xe9",   "é",          ".",           "^$",        "^\\s*$",
    "a|b.*c",         "(?s).+z", "\\x{1F600}", "[[:cntrl:]]", "[α-ω]x",    "\\W\\W"};
constexpr std::array pieces{"",     "ERROR ", "payment", "caf\xc3\xa9",      "\xe9",
                            "\xff", "ÜBER",   "foo",     "\xce\xb1x",        "\n",
                            "\xc3", "\x80",   "abcz",    "\xf0\x9f\x98\x80", "\xed\xa0\x80",
                            " "};

// Each pair and triple of pieces as one text.
std::vector<std::string> texts() {
  std::vector<std::string> all;
  for (const std::string a : pieces) {
    for (const std::string b : pieces) {
      all.push_back(a + b);
      all.push_back(a + b + a);
      all.push_back(b + "payment" + a);
    }
  }
  return all;
}

TEST(Pattern, FindsWhatRe2FindsAsCharactersAndAsBytes) {
  int of_characters = 0;
  int of_bytes = 0;
  for (const std::string expression : expressions) {
    const Pattern pattern = pattern_of(expression);
    ASSERT_TRUE(pattern) << expression;
    for (const std::string& text : texts()) {
      for (const bool whole : {false, true}) {
        const bool found = whole ? pattern->matches_whole(text) : pattern->matches(text);
        const bool as_characters = by_re2(expression, text, false, whole);
        const bool as_bytes = by_re2(expression, text, true, whole);
        const std::string where = expression + " in " + testing::PrintToString(text);
        if (is_utf8(text)) {
          EXPECT_EQ(found, as_characters) << where;
          ++of_characters;
        } else {
          EXPECT_TRUE(found || !as_bytes) << where;
          // RE2 takes a surrogate for a character, we take it for three bytes.
          const bool has_surrogate = text.find('\xed') != std::string::npos;
          EXPECT_TRUE(found || !as_characters || has_surrogate) << where;
          ++of_bytes;
        }
      }
    }
  }
  EXPECT_GT(of_characters, 10'000);
  EXPECT_GT(of_bytes, 10'000);
}

TEST(Pattern, GivesTheGroupsWhereTheyAreInTheText) {
  const std::string text = "\xff id=caf\xc3\xa9\xe9 42;";
  const auto found = pattern_of("id=(?P<name>\\S+) (\\d+)(x)?;")->find(text);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 4U);
  EXPECT_EQ((*found)[0], "id=caf\xc3\xa9\xe9 42;");
  EXPECT_EQ((*found)[1], "caf\xc3\xa9\xe9");
  EXPECT_EQ((*found)[2], "42");
  EXPECT_FALSE((*found)[3]);
  EXPECT_EQ((*found)[1]->data(), text.data() + 5);
  EXPECT_EQ(pattern_of("(?P<n>.)")->named_groups().at("n"), 1);
  const auto of_bytes = pattern_of("caf\\xc3(.)")->find(text);
  ASSERT_TRUE(of_bytes);
  EXPECT_EQ((*of_bytes)[1], "\xa9");
}

// What came so far of a longer text may end within a character.
TEST(Pattern, TakesItsMatchesOutOfAText) {
  EXPECT_EQ(pattern_of("ke.")->without("a key, the key"), "a  , the  ");
  EXPECT_EQ(pattern_of("caf.")->without("caf\xc3\xa9!"), " !");
  EXPECT_EQ(pattern_of("caf.")->without("caf\xe9!"), " !") << "bytes that are no UTF-8";
  EXPECT_EQ(pattern_of("\\x{1F600}")->without("caf\xe9"), "caf\xe9") << "no bytes match it";
  EXPECT_EQ(pattern_of("^a")->without("aab"), " ab") << "the beginning is not behind what is gone";
  EXPECT_EQ(pattern_of("none")->without("text"), "text");
}

TEST(Pattern, WaitsForTheRestOfACharacter) {
  const Pattern pattern = pattern_of("^caf.");
  EXPECT_FALSE(pattern->find("caf\xc3", true));
  EXPECT_TRUE(pattern->find("caf\xc3"));
  EXPECT_TRUE(pattern->find("caf\xc3\xa9", true));
  EXPECT_TRUE(pattern->find("caf\xe9 ", true));
  EXPECT_TRUE(pattern_of("^caf")->find("caf\xc3", true));
}

}  // namespace
}  // namespace gonogo
