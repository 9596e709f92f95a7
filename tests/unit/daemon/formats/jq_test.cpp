#include "daemon/formats/jq.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(Jq, RefusesWhatIsTooDeepWithoutFalling) {
  std::string problem;
  EXPECT_FALSE(Json::parse(std::string(1'000'000, '['), problem));
  EXPECT_NE(problem, "");
  EXPECT_TRUE(Json::parse(std::string(100, '[') + std::string(100, ']'), problem));
  for (const char* text : {"", "   ", "{", "{} {}", "nul", "{\"a\":}"})
    EXPECT_FALSE(Json::parse(text, problem)) << text;
}

// libjq takes NaN, and then it is less than any bound.
TEST(Jq, TakesNoWordThatJsonDoesNotHave) {
  for (const char* text :
       {"NaN", "nan", "[nan]", R"({"age":NaN})", R"({"age":-NaN})", R"({"age": nan })", "Infinity",
        "-inf", "[1,nan]", "1nan", "nan1", R"({"a\"":NaN})", R"({"a":"\\",nan:1})", "nullnan",
        "0x10", "True", "1ee1", "e1"}) {
    std::string problem;
    EXPECT_FALSE(Json::parse(text, problem)) << text;
    EXPECT_NE(problem.find(" is no JSON value"), std::string::npos) << text << ": " << problem;
  }
  for (const char* text : {R"({"nan":"NaN","a":true,"b":[false,null,1e5,-1.5E+3,2e-2]})", "true",
                           R"("\"nan")", R"(["\\"])", " null ", "1E5"}) {
    std::string problem;
    EXPECT_TRUE(Json::parse(text, problem)) << text << ": " << problem;
  }
}

TEST(Jq, EndsAnEndlessRowAndGoesOnAfterAnError) {
  std::string problem;
  const auto json = Json::parse("{\"a\":1}", problem);
  const auto endless = JqProgram::compile("range(0;1e9)", problem);
  ASSERT_TRUE(endless) << problem;
  EXPECT_EQ(endless->run(*json, problem).size(), 1000U);
  const auto failing = JqProgram::compile(".a.b", problem);
  problem.clear();
  EXPECT_TRUE(failing->run(*json, problem).empty());
  EXPECT_NE(problem, "");
  const auto fine = JqProgram::compile(".a + 1", problem);
  problem.clear();
  EXPECT_EQ(fine->run(*json, problem), std::vector<std::string>{"2"});
  EXPECT_EQ(JqProgram::compile(".a + 1", problem), fine) << "equal texts share one";
}

}  // namespace
}  // namespace gonogo
