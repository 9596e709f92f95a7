#include "daemon/formats/dotenv.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

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

}  // namespace
}  // namespace gonogo
