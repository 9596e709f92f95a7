#include "daemon/formats/json_conditions.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"
#include "daemon/formats/settings.h"

namespace gonogo {
namespace {

JsonConditions conditions_of(const std::string& options, Problems& problems) {
  Reading reading;
  Node node = parse_document("x", options, reading.problems);
  Settings settings(&node, node.place, "expect", reading);
  JsonConditions conditions = read_json_conditions(settings, "json");
  problems = reading.problems;
  return conditions;
}

struct Case {
  const char* options;
  const char* text;
  const char* objection;  // empty: none
};

TEST(JsonConditions, ObjectToWhatIsNotTrue) {
  const std::vector<Case> cases{
      {"{json: .ok}", R"({"ok":true})", ""},
      {"{json: [.ok, '.jobs == 0']}", R"({"ok":true,"jobs":0})", ""},
      {"{json: [.ok, '.jobs == 0']}", R"({"ok":true,"jobs":2})",
       ".jobs == 0 is false, wanted true"},
      {"{json: .ok}", R"({"ok":1})", ".ok is 1, wanted true"},
      {"{json: '.[]'}", "[true,true]", ""},
      {"{json: '.[]'}", "[true,null]", ".[] is null, wanted true"},
      {"{json: '.[]'}", "[]", ".[] is nothing, wanted true"},
      {"{json: .ok.deeper}", R"({"ok":true})",
       ".ok.deeper is an error: Cannot index boolean with string \"deeper\", wanted true"},
      {"{json: .ok}", "", "body is not JSON: is empty; got \"\""},
      {"{}", "{}", ""}};
  for (const auto& [options, text, expected] : cases) {
    Problems problems;
    const JsonConditions conditions = conditions_of(options, problems);
    EXPECT_TRUE(problems.empty()) << options;
    EXPECT_EQ(objection_to(text, conditions, "body").value_or(""), expected) << options << text;
  }
}

TEST(JsonConditions, AnExpressionThatIsNoneIsAProblem) {
  Problems problems;
  EXPECT_TRUE(conditions_of("{json: '.a ='}", problems).empty());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].path, "expect.json");
  EXPECT_NE(problems[0].text.find("is no jq expression"), std::string::npos) << problems[0].text;
}

}  // namespace
}  // namespace gonogo
