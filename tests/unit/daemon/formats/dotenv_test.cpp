// The expected values in dotenv_compose.txt are those of compose-go v2.16.2, package dotenv.
#include "daemon/formats/dotenv.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/support/escaped.h"

namespace gonogo {
namespace {

using Keys = std::map<std::string, std::string>;

std::string in_pairs(const Keys& keys) {
  std::string pairs;
  for (const auto& [name, value] : keys)
    pairs += (pairs.empty() ? "" : " , ") + with_escapes(name) + "=" + with_escapes(value);
  return pairs;
}

Keys from_pairs(std::string pairs) {
  Keys keys;
  while (!pairs.empty()) {
    const std::size_t end = std::min(pairs.find(" , "), pairs.size());
    const std::string pair = pairs.substr(0, end);
    const std::size_t sign = pair.find('=');
    keys[without_escapes(pair.substr(0, sign))] = without_escapes(pair.substr(sign + 1));
    pairs.erase(0, end + 3);
  }
  return keys;
}

TEST(Dotenv, IsReadAsComposeReadsIt) {
  std::ifstream table(std::string(GONOGO_SOURCE_DIR) +
                      "/tests/unit/daemon/formats/dotenv_compose.txt");
  std::size_t rows = 0;
  for (std::string comment; table.peek() == '#';) std::getline(table, comment);
  for (std::string row; std::getline(table, row);) {
    std::istringstream fields(row);
    std::string text, environment, expected;
    std::getline(fields, text, '|');
    std::getline(fields, environment, '|');
    std::getline(fields, expected);
    const Dotenv seen = parse_dotenv(without_escapes(text), from_pairs(environment));
    EXPECT_EQ(seen.problem ? "refused" : in_pairs(seen.keys), expected) << text;
    ++rows;
  }
  EXPECT_EQ(rows, 766U);
}

struct Refusal {
  const char* text;
  std::size_t line;
  std::size_t column;
  const char* words;
};

class DotenvRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(DotenvRefusal, NamesTheFirstErrorAndItsPlace) {
  const auto& [text, line, column, words] = GetParam();
  const Dotenv seen = parse_dotenv(text);
  ASSERT_TRUE(seen.problem);
  EXPECT_TRUE(seen.keys.empty()) << "nothing starts with such a file";
  EXPECT_EQ(seen.problem->line, line);
  EXPECT_EQ(seen.problem->column, column);
  EXPECT_EQ(seen.problem->text, words);
}

INSTANTIATE_TEST_SUITE_P(
    Table, DotenvRefusal,
    testing::Values(
        Refusal{"A=1\nB=\"abc\nC=2\n", 2, 3, "a quote that has no end"},
        Refusal{"A=\"x\"!\n", 1, 6,
                "a character that no name may have (it is behind the closing quote of A, a quote "
                "within a value is written with a backslash)"},
        Refusal{"A=1\r\nMY KEY=1\r\n", 2, 3, "a blank within a name (wanted NAME=value)"},
        Refusal{"\xEF\xBB\xBF\n ä@B=1\n", 2, 3,
                "a character that no name may have (wanted NAME=value)"},
        Refusal{"A=\"1\n2\"\nssh user@host\n", 3, 9,
                "a character that no name may have (wanted NAME=value)"},
        Refusal{"MSG='it's'\n", 1, 10,
                "a character that no name may have (it is behind the closing quote of MSG, a quote "
                "within a value is written with a backslash)"},
        Refusal{"A=1\n<<<<<<< HEAD\n", 2, 1, "a mark of a merge conflict"},
        Refusal{"K=-----BEGIN PRIVATE KEY-----\nMIIE+Y\n", 2, 5,
                "a character that no name may have (a key or certificate of several lines belongs "
                "between quotes)"},
        Refusal{"-----BEGIN PRIVATE KEY-----\nMIIE+Y\n", 1, 11,
                "a blank within a name (a key or certificate of several lines belongs between "
                "quotes)"},
        Refusal{"A=x${B\n", 1, 4,
                "the value of A holds a reference to a variable that is none (wanted ${NAME}, "
                "${NAME:-default} or the like; a dollar sign itself is $$)"},
        Refusal{"\nA=\"\\tx\n ${1X}\"\n", 3, 2,
                "the value of A holds a reference to a variable that is none (wanted ${NAME}, "
                "${NAME:-default} or the like; a dollar sign itself is $$)"},
        Refusal{"A=${NOPE:?must be set}\n", 1, 3,
                "the value of A needs NOPE, which is not set or empty: must be set"},
        Refusal{"A=${B:-${NOPE?}}\n", 1, 8, "the value of A needs NOPE, which is not set"},
        Refusal{"PW=Tr0ub${x?4dor}\n", 1, 9, "the value of PW needs a variable that is not set"},
        Refusal{"A=1\nexport ", 2, 1, "`export` without a name"}));

TEST(Dotenv, ARefusalShowsNoValue) {
  const std::string value = "Tr0ub4dor";
  for (const std::string& text :
       {"A=\"" + value, "A='" + value + "'" + value + "'", value + " " + value + "\n",
        value + "@" + value, "A=${" + value + "!}", "A=x${" + value + "?" + value + "}",
        "A=\"x\" " + value + "!", "A=" + value + "\n" + value + "/" + value,
        "A=\"x\"" + value + " " + value + "\n"}) {
    const Dotenv seen = parse_dotenv(text);
    ASSERT_TRUE(seen.problem) << text;
    EXPECT_EQ(in_words(*seen.problem, ".env").find("Tr0"), std::string::npos)
        << in_words(*seen.problem, ".env");
  }
}

TEST(Dotenv, NamesWhatIsSetTwiceAndWhatNothingSets) {
  const Dotenv seen = parse_dotenv("A=1\nB=$NOPE\n# c\nA=2\nexport A='3'\nB2=${NOPE:-x}\nA\n");
  ASSERT_EQ(seen.repeated.size(), 1U);
  EXPECT_EQ(seen.repeated.front().name, "A");
  EXPECT_EQ(seen.repeated.front().lines, (std::vector<std::size_t>{1, 4, 5}));
  ASSERT_EQ(seen.unset.size(), 1U);
  EXPECT_EQ(seen.unset.front().name, "B");
  EXPECT_EQ(seen.unset.front().line, 2U);
  EXPECT_EQ(seen.keys.at("A"), "3");
}

TEST(Dotenv, IsBoundedInDepthAndSize) {
  std::string deep = "A=";
  for (int i = 0; i < 100'000; ++i) deep += "${B:-";
  EXPECT_TRUE(parse_dotenv(deep + std::string(100'000, '}')).problem);
  std::string wide = "A=";
  for (int i = 0; i < 100'000; ++i) wide += "${B:-}";
  EXPECT_FALSE(parse_dotenv(wide).problem);
  std::string laughs = "A0=ha\n";
  for (int i = 1; i < 64; ++i) {
    const std::string before = "${A" + std::to_string(i - 1) + "}";
    laughs.append("A" + std::to_string(i) + "=").append(before).append(before).append("\n");
  }
  ASSERT_TRUE(parse_dotenv(laughs).problem);
  EXPECT_NE(parse_dotenv(laughs).problem->text.find("16 MiB"), std::string::npos);
}

TEST(Dotenv, SurvivesAnything) {
  std::string text;
  unsigned state = 1;
  for (int round = 0; round < 20'000; ++round) {
    text.clear();
    for (int i = 0; i < 24; ++i) {
      state = state * 1664525 + 1013904223;
      text += "A=\"'$\\{}#\n\r x:-?+\xC5\xBF@"[(state >> 24) % 20];
    }
    const Dotenv seen = parse_dotenv(text);
    EXPECT_TRUE(!seen.problem || seen.keys.empty());
  }
}

}  // namespace
}  // namespace gonogo
