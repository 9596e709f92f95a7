#include "daemon/formats/python_tokens.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(PythonTokens, LinesAreJoinedByBracketsAndBackslashes) {
  const auto lines = tokenize_python("a = (1, # one\n  2)\nif b \\\n  and c:\n\tpass\n\n# end");
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 3U);
  EXPECT_EQ((*lines)[0].tokens.size(), 7U);
  EXPECT_EQ((*lines)[1].tokens.back().line, 4U);
  EXPECT_EQ((*lines)[2].indent, 8U);
}

TEST(PythonTokens, StringsHaveTheirValues) {
  const auto lines = tokenize_python(R"('a\x62\143\u00e9\n' r'\n' f'{{x}}' f'{x}' b'y' """q"z""")");
  ASSERT_TRUE(lines);
  const std::vector<PythonToken>& tokens = lines->at(0).tokens;
  EXPECT_EQ(tokens.at(0).text, "abc\xc3\xa9\n");
  EXPECT_EQ(tokens.at(1).text, "\\n");
  EXPECT_EQ(tokens.at(2).text, "{x}");
  EXPECT_EQ(tokens.at(3).kind, PythonToken::Kind::computed);
  EXPECT_EQ(tokens.at(4).kind, PythonToken::Kind::computed);
  EXPECT_EQ(tokens.at(5).text, "q\"z");
}

TEST(PythonTokens, WhatIsNoPythonIsRefusedWithItsLine) {
  for (const char* text : {"x\n'abc\n", "x\n(\ny", "x\n)", "x\n$", "x\n(]", "x\n'''", "x\n\\ y",
                           "x\n\\\n", "x\n'\\x4'", "x\n'a\\"}) {
    const auto lines = tokenize_python(text);
    ASSERT_FALSE(lines) << text;
    EXPECT_EQ(lines.error().line, 2U) << text;
  }
  EXPECT_FALSE(tokenize_python(std::string(100'000, '(')));
  EXPECT_FALSE(tokenize_python(std::string("a\0b", 3)));
}

}  // namespace
}  // namespace gonogo
