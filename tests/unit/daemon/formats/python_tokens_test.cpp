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

TEST(PythonTokens, NumbersArePythons) {
  for (const char* text : {"0", "00_0", "1_000", "0o777", "0b1_0", "0xfF", "1.", ".5", "1_0.5e-1_0",
                           "1e5", "0777.5", "0777j", "5J", "1if x else 2", "1 .real", "1..real"})
    EXPECT_TRUE(tokenize_python(text)) << text;
  for (const char* text : {"x\n0777", "x\n1_", "x\n1__0", "x\n0x", "x\n0b2", "x\n0o8", "x\n1a",
                           "x\n1e", "x\n1.real", "x\n0_7"}) {
    const auto lines = tokenize_python(text);
    ASSERT_FALSE(lines) << text;
    EXPECT_EQ(lines.error().line, 2U) << text;
  }
}

TEST(PythonTokens, CharactersOutsideOfTextsAreLetters) {
  EXPECT_TRUE(tokenize_python("gr\u00F6\u00DFe = '\u201Cx\u201D' # \u201C\u00A0"));
  for (const char* text :
       {"x\ny = \u201Cz\u201D", "x\ny =\u00A01", "x\ny\u200B = 1", "x\n\u20AC = 1"}) {
    const auto lines = tokenize_python(text);
    ASSERT_FALSE(lines) << text;
    EXPECT_EQ(lines.error().line, 2U) << text;
    EXPECT_NE(lines.error().text.find("\\x"), std::string::npos) << lines.error().text;
  }
}

TEST(PythonTokens, TheCodingIsHonouredOrNamed) {
  for (const char* coding : {"# -*- coding: latin-1 -*-",
                             "#!/bin/x\n# vim: set fileencoding=ISO-8859-1 :", "\n# coding=l1"}) {
    const auto lines = tokenize_python(std::string(coding) + "\nx = '\xe9'");
    ASSERT_TRUE(lines) << coding;
    EXPECT_EQ(lines->at(0).tokens.at(2).text, "\u00E9") << coding;
  }
  for (const char* coding : {"# coding: utf-8", "# coding: UTF_8", "x\n# coding: no", "# encoding"})
    EXPECT_TRUE(tokenize_python(std::string(coding) + "\nx = '\u00E9'")) << coding;
  EXPECT_TRUE(tokenize_python("# \xe9\nx = 1"));
  EXPECT_TRUE(tokenize_python("# coding: ascii\nx = 1"));
  const auto other = tokenize_python("# coding: cp1252\nx\xe9 = 'a', '\x80'");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->at(0).tokens.at(2).text, "a");
  EXPECT_EQ(other->at(0).tokens.at(4).kind, PythonToken::Kind::computed);
  for (const char* coding : {"rot13", "nosuch", "utf-7", "gb18030", "utf-16"}) {
    const auto lines = tokenize_python("# coding: " + std::string(coding) + "\nx = 1");
    ASSERT_FALSE(lines) << coding;
    EXPECT_NE(lines.error().text.find(coding), std::string::npos) << lines.error().text;
  }
  EXPECT_FALSE(tokenize_python("\xef\xbb\xbf# coding: latin-1\nx = 1"));
  EXPECT_FALSE(tokenize_python("# coding: ascii\nx = '\u00E9'"));
  EXPECT_FALSE(tokenize_python("x = '\xe9'"));
  EXPECT_FALSE(tokenize_python("x\xe9 = 1"));
}

}  // namespace
}  // namespace gonogo
