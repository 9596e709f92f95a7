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
