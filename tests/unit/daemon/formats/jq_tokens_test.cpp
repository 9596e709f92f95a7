#include "daemon/formats/jq_tokens.h"

#include <gtest/gtest.h>

#include <string>

#include "daemon/formats/jq.h"

namespace gonogo {
namespace {

std::string split(std::string_view text) {
  const auto tokens = jq_tokens(text);
  if (!tokens) return "none";
  std::string all;
  for (const JqToken& token : *tokens) all += std::string(token.text) + "_";
  return all;
}

TEST(JqTokens, AreThoseOfHarmlessExpressions) {
  EXPECT_EQ(split(""), "_");
  EXPECT_EQ(split(".a.b[0]|select(.x==1.5e3)"), ".a_.b_[_0_]_|_select_(_.x_==_1.5e3_)__");
  EXPECT_EQ(split(".\"a \\\" b\" // \"\\n\""), "._a \\\" b_//_\\n__");
  EXPECT_EQ(split(".a<=1 and.b>=2"), ".a_<=_1_and_.b_>=_2__");
  EXPECT_EQ(split("[.[]?]"), "[_._[_]_?_]__");
  EXPECT_EQ(split(".5+1.-.5e2"), ".5_+_1._-_.5e2__");
  EXPECT_EQ(split("..|...a"), ".._|_.._.a__");
  EXPECT_EQ(split(". as $x|$x.a"), "._as_$x_|_$x_.a__");
}

// What libjq makes of an expression, and what it makes of its tokens with spaces between them.
TEST(JqTokens, OfNumbersEndWhereThoseOfJqEnd) {
  EXPECT_EQ(split("5and.a"), "5_and_.a__");
  EXPECT_EQ(split("5e"), "5_e__");
  EXPECT_EQ(split("5e+"), "5_e_+__");
  EXPECT_EQ(split("5.and 1e3or.5x"), "5._and_1e3_or_.5_x__");
  EXPECT_EQ(split("1.a"), "1._a__");
  const auto outcome = [](const std::string& text) {
    std::string problem;
    const auto input = Json::parse("null", problem);
    const auto program = JqProgram::compile(text, problem);
    if (!program) return std::string("no program");
    std::string out;
    for (const std::string& value : program->run(*input, problem)) out += value + " ";
    return out + problem;
  };
  for (const char* text :
       {"5and true", "5e", "[5e+1]", "5e+", ".5x", "5.and true", "1e3and true", "1e3or true", "5.e",
        "if 1<5then 3 else 2end", "1e1|.", "1E2,3", "1-2", "1e-1and true", "5 # five", "# x\n5"}) {
    std::string apart;
    const auto tokens = jq_tokens(text);
    ASSERT_TRUE(tokens) << text;
    for (const JqToken& token : *tokens) apart += std::string(token.text) + " ";
    EXPECT_EQ(outcome(apart), outcome(text)) << text;
  }
  // Neither is a number of jq.
  for (const char* text : {"1.2.3", "1..2", ".5."}) EXPECT_EQ(outcome(text), "no program") << text;
}

TEST(JqTokens, SkipComments) {
  EXPECT_EQ(split("# x"), "_");
  EXPECT_EQ(split(".a # b < 3\n< 3#"), ".a_<_3__");
  // jq 1.7 goes on in the next line, jq 1.6 does not.
  EXPECT_EQ(split(".a # x\\\n3"), "none");
}

TEST(JqTokens, AreNoneForAnythingElse) {
  for (const char* text :
       {".a=1",     ".a|=1", ".a//=1", ".a+=1", "$",      "$ x",       "$x::y", "@base64",
        "1.2.3",    "1..2",  ".5.",    "1e3.a", "\"open", "\"\\(1)\"", "a::b",  "'x'",
        "\xc3\xa4", ".a\r",  "?//",    "!",     "&",      "\\"})
    EXPECT_EQ(split(text), "none") << text;
}

}  // namespace
}  // namespace gonogo
