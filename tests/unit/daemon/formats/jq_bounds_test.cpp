#include "daemon/formats/jq_bounds.h"

#include <gtest/gtest.h>

#include "daemon/formats/jq.h"

namespace gonogo {
namespace {

// What jq itself makes of an expression: its values, or its problem.
std::string outcome(const std::string& expression, const char* input) {
  std::string problem;
  const auto json = Json::parse(input, problem);
  const auto program = json ? JqProgram::compile(expression, problem) : nullptr;
  if (!program) return "no program: " + problem;
  std::string out;
  for (const std::string& value : program->run(*json, problem)) out += value + " ";
  return out + problem;
}

struct Case {
  const char* expression;
  const char* input;
  const char* expected;
};

void expect_all(const std::vector<Case>& cases) {
  for (const Case& c : cases)
    EXPECT_EQ(outcome(with_judged_bounds(c.expression), c.input), c.expected)
        << c.expression << " of " << c.input << ": " << with_judged_bounds(c.expression);
}

// Each of these is true in jq.
TEST(JqBounds, DoNotHoldForWhatIsNotThere) {
  const std::vector<Case> cases{
      {".age < 300", "{}", "not judged: .age is null, wanted < 300"},
      {".age<300", R"({"age":null})", "not judged: .age is null, wanted < 300"},
      {".age <= 300", R"({"age":true})", "not judged: .age is true, wanted <= 300"},
      {"300 > .age", "{}", "not judged: .age is null, wanted < 300"},
      {"300 >= .a.age", "{}", "not judged: .a.age is null, wanted <= 300"},
      {".[\"age\"] < -1.5e3", "{}", "not judged: .[\"age\"] is null, wanted < -1.5e3"},
      {".\"a\\\"b\" < 3", "{}", "not judged: .\"a\\\"b\" is null, wanted < 3"},
      {". < 3", "null", "not judged: . is null, wanted < 3"},
      {".[0] < 3", "[]", "not judged: .[0] is null, wanted < 3"},
      {".[] < 3", "[null]", "not judged: .[] is null, wanted < 3"},
      {".age? < 3", "{}", "not judged: .age? is null, wanted < 3"},
      {".ok and .age < 3", R"({"ok":true})", "not judged: .age is null, wanted < 3"},
      {"(.age < 3) and .ok", R"({"ok":true})", "not judged: .age is null, wanted < 3"},
      {".a | .age < 3", "{}", "not judged: .age is null, wanted < 3"},
      {"all(.[]; .age < 3)", "[{}]", "not judged: .age is null, wanted < 3"},
      {"all(.age < 3)", "[{}]", "not judged: .age is null, wanted < 3"},
      {"map(select(.age < 3)) | length > 0", "[{}]", "not judged: .age is null, wanted < 3"},
      {"[.[] | select(3 > .age)] | length > 0", "[{}]", "not judged: .age is null, wanted < 3"},
      {".list | max < 3", R"({"list":[]})", "not judged: max is null, wanted < 3"},
      {".list | first < 3", R"({"list":[]})", "not judged: first is null, wanted < 3"},
      {"(.list | max) < 3", R"({"list":[]})", "not judged: (.list | max) is null, wanted < 3"},
      {".a + .b < 3", "{}", "not judged: .a + .b is null, wanted < 3"},
      {".ts < now", "{}", "not judged: .ts is null, wanted < now"},
      {".ts < now + 5 * 60", "{}", "not judged: .ts is null, wanted < now + 5 * 60"},
      {".used < .total", R"({"total":5})", "not judged: .used is null, wanted a value"},
      {".version < \"2\"", "{}", "not judged: .version is null, wanted < \"2\""},
      {"if .age < 3 then true else false end", "{}", "not judged: .age is null, wanted < 3"},
      {"if .ok then .age else 5 end < 3", R"({"ok":true})",
       "not judged: if .ok then .age else 5 end is null, wanted < 3"},
      {"3 > if .ok then .age else 5 end", R"({"ok":true})",
       "not judged: if .ok then .age else 5 end is null, wanted < 3"},
      {"if .a then false elif .age < 3 then true else false end", "{}",
       "not judged: .age is null, wanted < 3"},
      {"if .a then false else .age < 3 end", "{}", "not judged: .age is null, wanted < 3"},
      {"try .age < 3", "{}", "not judged: try .age is null, wanted < 3"},
      {"3 > try .age", "{}", "not judged: try .age is null, wanted < 3"},
      {"try .age catch 1 < 3", "{}", "not judged: try .age catch 1 is null, wanted < 3"},
      {"(.age | first(.))? < 3", "{}", "not judged: (.age | first(.))? is null, wanted < 3"},
      {".age < .5", "{}", "not judged: .age is null, wanted < .5"},
      {".age < 5.", "{}", "not judged: .age is null, wanted < 5."},
      {".age < 5.e2", "{}", "not judged: .age is null, wanted < 5.e2"},
      {"[..] | last < 3", "null", "not judged: last is null, wanted < 3"},
      {".. < 3", "null", "not judged: .. is null, wanted < 3"},
      {". as $all | $all.age < 3", "{}", "not judged: $all.age is null, wanted < 3"},
      {"3 as $most | .age < $most", "{}", "not judged: .age is null, wanted a value"},
      {"(reduce .[] as $each (null; .)) < 3", "[]",
       "not judged: (reduce .[] as $each (null; .)) is null, wanted < 3"},
      {"def f: .age < 3; f", "{}", "not judged: .age is null, wanted < 3"},
  };
  for (const Case& c : cases)
    EXPECT_NE(outcome(c.expression, c.input).find("true"), std::string::npos) << c.expression;
  expect_all(cases);
}

// A text comes after every number, on either side.
TEST(JqBounds, OfTwoValuesDoNotHoldForTwoKinds) {
  expect_all({{".free > .needed", R"({"free":"5","needed":9})",
               "not judged: .free is a string and .needed is a number, wanted two of one kind"},
              {".used < .total", R"({"used":5,"total":"3"})",
               "not judged: .used is a number and .total is a string, wanted two of one kind"},
              {".used <= .total", R"({"used":false,"total":0})",
               "not judged: .used is false and .total is a number, wanted two of one kind"},
              {".used < .total", R"({"used":1})", "not judged: .total is null, wanted a value"},
              {"(.a|tonumber) < (.b|tonumber)", R"({"a":"nan","b":"1"})",
               "not judged: (.a|tonumber) is not a number, wanted a value"},
              {"(.a | first(.))? < .b", R"({"a":1,"b":"x"})",
               "not judged: (.a | first(.))? is a number and .b is a string, wanted two of one "
               "kind"},
              {"(.a < .b) and .c<.d", R"({"a":1,"b":2,"c":3,"d":"x"})",
               "not judged: .c is a number and .d is a string, wanted two of one kind"},
              {"select(.a < .b).c < .d", R"({"a":1,"b":2,"c":3,"d":"x"})",
               "not judged: select(.a < .b).c is a number and .d is a string, wanted two of one "
               "kind"}});
}

// A text, a list and an object come after every number.
TEST(JqBounds, DoNotHoldForAnotherKindOfValue) {
  expect_all(
      {{".free > 10", R"({"free":"5"})", "not judged: .free is a string, wanted > 10"},
       {".free >= 10", R"({"free":[]})", "not judged: .free is an array, wanted >= 10"},
       {"10 < .free", R"({"free":{}})", "not judged: .free is an object, wanted > 10"},
       {".version > \"2\"", R"({"version":3})", "not judged: .version is a number, wanted > \"2\""},
       {"(.age | tonumber) < 300", R"({"age":"nan"})",
        "not judged: (.age | tonumber) is not a number, wanted < 300"}});
}

TEST(JqBounds, OfANegationDoNotHoldEither) {
  expect_all({{".age > 300 | not", "{}", "not judged: .age is null, wanted > 300"},
              {"any(.[]; .age > 300) | not", "[{}]", "not judged: .age is null, wanted > 300"}});
}

// The controls.
TEST(JqBounds, AreJudgedAsJqDoesItWhenThereIsANumber) {
  expect_all({{".age < 300", R"({"age":20})", "true "},
              {".age < 300", R"({"age":300})", "false "},
              {".age < 300", R"({"age":1e400})", "false "},
              {"300 > .age", R"({"age":20})", "true "},
              {".[] < 3", "[1,5]", "true false "},
              {".a[0].b < 3 and .c", R"({"a":[{"b":1}],"c":true})", "true "},
              {".version < \"2\"", R"({"version":"1"})", "true "},
              {".used < .total", R"({"used":1,"total":5})", "true "},
              {".a - .b < 3", R"({"a":5,"b":4})", "true "},
              {".list | length < 3", R"({"list":[1]})", "true "},
              {"now - .ts < 300", R"({"ts":1})", "false "},
              {"if .age < 3 then 1 else 2 end < 2", R"({"age":1})", "true "},
              {"[(.a[] < .b[])]", R"({"a":[1,5],"b":[2,9]})", "[true,false,true,true] "},
              {"[(.a[] + .b[])]", R"({"a":[1,5],"b":[2,9]})", "[3,7,10,14] "},
              {".a.x <= .b.x and .b>.a", R"({"a":{"x":"1"},"b":{"x":"2"}})", "true "},
              {"select(.a < .b) | .c < .d", R"({"a":1,"b":2,"c":3,"d":4})", "true "},
              {"select(.a < .b).c < .d", R"({"a":1,"b":2,"c":3,"d":4})", "true "},
              {".age < .5", R"({"age":0.25})", "true "},
              {"try error(\"x\") catch 2 < 3", "null", "true "},
              {"try error(\"x\") catch 4 < 3", "null", "false "},
              {"[(.a[] | tonumber)? < 3]", R"({"a":["1","x","5"]})", "[true] "},
              {". as $all | $all.age < 3", R"({"age":2})", "true "},
              {"1 < 2", "null", "true "}});
}

TEST(JqBounds, LeaveNullToWhoAsksForIt) {
  expect_all({{".age == null or .age < 300", "{}", "true "},
              {".age == null or .age < 300", R"({"age":500})", "false "},
              {"(.age // 0) < 300", "{}", "true "},
              {".age != null and .age < 300", "{}", "false "},
              {"[.[] | select(.age != null and .age < 3)] | length", "[{},{\"age\":1}]", "1 "},
              {"has(\"age\") and .age < 300", "{}", "false "}});
}

// jq takes a list before another as soon as one value comes before the other's, and null and
// numbers come before texts.
TEST(JqBounds, OfListsAndObjectsDoNotHoldForOtherKindsInside) {
  const std::vector<Case> cases{
      {"(.ver|split(\".\")) >= [1,2,0]", R"({"ver":"0.9.1"})",
       "not judged: (.ver|split(\".\")) and [1,2,0] hold values of different kinds, wanted one "
       "kind "
       "at each place"},
      {"[.errors,.age] <= [0,300]", "{}",
       "not judged: [.errors,.age] is an array with null, wanted values"},
      {"[.errors,.age] <= [1,300]", R"({"errors":0})",
       "not judged: [.errors,.age] is an array with null, wanted values"},
      {"[3,0] > [.major,.minor]", "{}",
       "not judged: [.major,.minor] is an array with null, wanted values"},
      {"{a:.a} < {a:5}", "{}", "not judged: {a:.a} is an object with null, wanted values"},
      {"{a:[.a]} < {a:[5]}", "{}", "not judged: {a:[.a]} is an object with null, wanted values"},
      {".lags < {a:5}", R"({"lags":{}})",
       "not judged: .lags and {a:5} hold values of different kinds, wanted one kind at each place"},
      {"[.lag] > [5]", R"({"lag":"7 s"})",
       "not judged: [.lag] and [5] hold values of different kinds, wanted one kind at each place"},
      {"[[.lag]] > [[5]]", R"({"lag":{}})",
       "not judged: [[.lag]] and [[5]] hold values of different kinds, wanted one kind at each "
       "place"},
      {"[.ok] < [5]", R"({"ok":true})",
       "not judged: [.ok] and [5] hold values of different kinds, wanted one kind at each place"},
      {"[1,2] < [1,.b,0]", R"({"b":"2"})",
       "not judged: [1,2] and [1,.b,0] hold values of different kinds, wanted one kind at each "
       "place"},
      {"[1,2] < [1,2,.b]", "{}", "not judged: [1,2,.b] is an array with null, wanted values"},
      {"[.a|tonumber] < [5]", R"({"a":"nan"})",
       "not judged: [.a|tonumber] is an array with null, wanted values"}};
  for (const Case& c : cases)
    EXPECT_NE(outcome(c.expression, c.input).find("true"), std::string::npos) << c.expression;
  expect_all(cases);
}

// The controls.
TEST(JqBounds, OfListsAndObjectsAreJudgedAsJqDoesItForOneKind) {
  expect_all({{"(.ver|split(\".\")|map(tonumber)) >= [1,2,0]", R"({"ver":"1.10.0"})", "true "},
              {"(.ver|split(\".\")|map(tonumber)) >= [1,2,0]", R"({"ver":"0.9.1"})", "false "},
              {"(.ver|split(\".\")|map(tonumber)) >= [1,2,0]", R"({"ver":"1.2"})", "false "},
              {".ver|split(\".\")|map(tonumber) >= [1,2,0]", R"({"ver":"1.2.1"})", "true "},
              {"[.errors,.age] <= [0,300]", R"({"errors":0,"age":3})", "true "},
              {"[.day,.n,.ok] > [\"2026-01-01\",5,false]",
               R"({"day":"2026-01-01","n":5,"ok":true})", "true "},
              {"[[1,\"a\"],{b:.b}] < [[1,\"a\"],{b:2}]", R"({"b":1})", "true "},
              {"{a:.a} < {a:5}", R"({"a":4})", "true "},
              {".list > []", R"({"list":[1,"x"]})", "true "},
              {".list > []", R"({"list":[]})", "false "},
              {"[] >= []", "null", "true "},
              {"{} <= {}", "null", "true "}});
}

// false and true come after null, and before everything else.
TEST(JqBounds, OfTrueAndFalseHoldForTrueAndFalseAlone) {
  const std::vector<Case> cases{
      {".ready >= true", R"({"ready":"no"})", "not judged: .ready is a string, wanted >= true"},
      {".ready > false", R"({"ready":0})", "not judged: .ready is a number, wanted > false"},
      {"true <= .ready", R"({"ready":[]})", "not judged: .ready is an array, wanted >= true"},
      {".ready < true", "{}", "not judged: .ready is null, wanted < true"},
      {"length > true", "[]",
       "not judged: length is a number and true is true, wanted two of one kind"},
      {"now < \"2026-01-01\"", "null",
       "not judged: now is a number and \"2026-01-01\" is a string, wanted two of one kind"}};
  for (const Case& c : cases) EXPECT_EQ(outcome(c.expression, c.input), "true ") << c.expression;
  expect_all(cases);
  expect_all({{".ready >= true", R"({"ready":true})", "true "},
              {".ready >= true", R"({"ready":false})", "false "},
              {".ready > false", R"({"ready":true})", "true "},
              {".ready > null", R"({"ready":true})", "true "},
              {".ready > null", "{}", "false "}});
}

// jq reads a number as far as it goes, and a comment as nothing.
TEST(JqBounds, AreJudgedWhereverANumberEnds) {
  const std::vector<Case> cases{
      {".n<5and true", "{}", "not judged: .n is null, wanted < 5"},
      {".n<5or false", "{}", "not judged: .n is null, wanted < 5"},
      {".n<5.and true", "{}", "not judged: .n is null, wanted < 5."},
      {".n<1e3and true", "{}", "not judged: .n is null, wanted < 1e3"},
      {"if .n<5then true else false end", "{}", "not judged: .n is null, wanted < 5"},
      {"if 1==2then 0elif .n<5then true else 5end", "{}", "not judged: .n is null, wanted < 5"},
      {".n < 5 # days", "{}", "not judged: .n is null, wanted < 5"},
      {"# the age\n.n # in days\n< # fewer\n5", "{}", "not judged: .n is null, wanted < 5"}};
  for (const Case& c : cases) EXPECT_EQ(outcome(c.expression, c.input), "true ") << c.expression;
  expect_all(cases);
  expect_all({{".n<5and true", R"({"n":2})", "true "},
              {".n < 5 # days", R"({"n":2})", "true "},
              {".a # left\n< # than\n.b # right", R"({"a":1,"b":2})", "true "},
              {".n == \"#\" or .n < 5", R"({"n":2})", "true "}});
}

TEST(JqBounds, LeaveEveryOtherExpressionAsItIs) {
  for (const char* text :
       {".ok", ".age == 3", ".list | length < 3", "length < now",
        "reduce .[] as $x (0; . + $x) < 3", "\"\\(.a)\" < \"3\"", "@text < \"3\"",
        ".a < 3 # fine \\\\\n or true", ".a |= 3", "", "<", ".a <", "< 3", ".a < < 3"})
    EXPECT_EQ(with_judged_bounds(text), text);
}

}  // namespace
}  // namespace gonogo
