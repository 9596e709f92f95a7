#include "daemon/formats/jq_tokens.h"

#include <gtest/gtest.h>

#include <string>

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

TEST(JqTokens, AreNoneForAnythingElse) {
  for (const char* text :
       {".a=1",  ".a|=1",    ".a//=1", ".a+=1", "$",  "$ x", "$x::y",  "@base64",   "# x",
        "1.2.3", "1..2",     ".5.",    "1.a",   "1e", "1x",  "\"open", "\"\\(1)\"", "a::b",
        "'x'",   "\xc3\xa4", ".a\r",   "?//",   "!",  "&",   "\\"})
    EXPECT_EQ(split(text), "none") << text;
}

}  // namespace
}  // namespace gonogo
