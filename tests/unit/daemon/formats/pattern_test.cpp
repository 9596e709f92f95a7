#include "daemon/formats/pattern.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"

namespace gonogo {
namespace {

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
  Reading reading;
  Settings settings(nullptr, {}, "", reading);
  const Pattern of_text = compile_pattern(settings, "p", "^\\xff$");
  const Pattern of_bytes = compile_pattern(settings, "p", "^\\xff$", true);
  EXPECT_TRUE(RE2::PartialMatch("\xff", *of_bytes));
  EXPECT_FALSE(RE2::PartialMatch("\xff", *of_text));
  EXPECT_TRUE(RE2::PartialMatch("\xc3\xbf", *of_text));
}

}  // namespace
}  // namespace gonogo
