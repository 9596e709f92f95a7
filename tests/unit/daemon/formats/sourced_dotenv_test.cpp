// The expected values in sourced_dotenv.txt are those of bash 5.2.15 and dash 0.5.12 (Debian 12).
#include "daemon/formats/sourced_dotenv.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/escaped.h"

namespace gonogo {
namespace {

TEST(SourcedDotenv, IsSafeWhereBashAndDashReadWhatComposeReads) {
  std::ifstream table(std::string(GONOGO_SOURCE_DIR) +
                      "/tests/unit/daemon/formats/sourced_dotenv.txt");
  std::size_t safe = 0;
  std::size_t unsafe = 0;
  for (std::string comment; table.peek() == '#';) std::getline(table, comment);
  for (std::string row; std::getline(table, row);) {
    const std::size_t bar = row.rfind('|');
    const std::string text = without_escapes(row.substr(0, bar));
    const bool is_safe = row.substr(bar + 1) == "safe";
    EXPECT_EQ(problems_when_sourced(text, parse_dotenv(text)).empty(), is_safe) << row;
    ++(is_safe ? safe : unsafe);
  }
  EXPECT_EQ(safe, 209U);
  EXPECT_EQ(unsafe, 173U);
}

TEST(SourcedDotenv, NamesEachLineThatIsNotSafe) {
  const std::string text =
      "A=1\nTITLE=Tr0ub4dor and Co\nB=\"x\"\nC=Tr0ub$(x)\n D='a\nb' ;\nUID=1\nE=\\x\n";
  const auto problems = problems_when_sourced(text, parse_dotenv(text));
  std::string all;
  for (const DotenvProblem& problem : problems)
    all += std::to_string(problem.line) + ":" + std::to_string(problem.column) + " " +
           problem.text + "\n";
  EXPECT_EQ(all,
            "2:17 a word that the shell runs as a command (a value with blanks needs quotes)\n"
            "4:8 a command that the shell runs to make the value (single quotes prevent it)\n"
            "6:4 a sign that is an operator for the shell\n"
            "7:1 UID is a variable of the shell itself\n");
}

TEST(SourcedDotenv, TakesWhatTheEnvironmentListsAsSet) {
  const std::string text = "A=$HOME/x\n";
  const std::map<std::string, std::string> home{{"HOME", "/srv"}};
  EXPECT_FALSE(problems_when_sourced(text, parse_dotenv(text)).empty());
  EXPECT_TRUE(problems_when_sourced(text, parse_dotenv(text, home), home).empty());
  const std::string exported = "export HOME\n";
  EXPECT_TRUE(problems_when_sourced(exported, parse_dotenv(exported, home), home).empty());
  const std::string own = "HOME=/x\nA=$HOME/x\n";
  EXPECT_FALSE(problems_when_sourced(own, parse_dotenv(own, home), home).empty())
      << "compose takes the environment's, the shell that of the file";
}

// bash 5.2.15 sets no B after any of these, and dash does after the first two.
TEST(SourcedDotenv, ANulIsSafeNowhere) {
  using namespace std::string_literals;
  const std::string before = std::string(90, '#') + "\n";
  for (const std::string& text :
       {before + "C=1 #\0 y\0\0\0\nB=x\n"s, before + "# \0\0\0\0\nB=x\n"s, "A=\0\0b\nB=x\n"s}) {
    const auto problems = problems_when_sourced(text, parse_dotenv(text));
    ASSERT_EQ(problems.size(), 1U) << text;
    EXPECT_EQ(problems[0].text, "a NUL, at which bash and dash go different ways");
  }
  EXPECT_TRUE(problems_when_sourced(before + "B=x\n", parse_dotenv(before + "B=x\n")).empty());
}

TEST(SourcedDotenv, IsBoundedInDepthAndSize) {
  std::string deep = "A=";
  for (int i = 0; i < 200'000; ++i) deep += "${B:-";
  EXPECT_FALSE(problems_when_sourced(deep, {}).empty());
  std::string laughs = "A0=ha\n";
  for (int i = 1; i < 64; ++i) {
    const std::string before = "${A" + std::to_string(i - 1) + "}";
    laughs.append("A" + std::to_string(i) + "=").append(before).append(before).append("\n");
  }
  EXPECT_FALSE(problems_when_sourced(laughs, {}).empty());
  std::string many;
  for (int i = 0; i < 10'000; ++i) many += "a word\n";
  EXPECT_EQ(problems_when_sourced(many, {}).size(), 100U);
  std::string windows;
  for (int i = 0; i < 10'000; ++i) windows += "B" + std::to_string(i) + "=x\r\n";
  const auto differing = problems_when_sourced(windows, parse_dotenv(windows));
  EXPECT_EQ(differing.size(), 100U);
  EXPECT_EQ(differing.front().line, 1U) << "in the order of the file";
}

}  // namespace
}  // namespace gonogo
