#include "daemon/formats/jq_parts.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/formats/jq.h"

namespace gonogo {
namespace {

const std::vector<const char*> harmless{
    ".a # comment",
    ".",
    ".ok",
    ".ok == true",
    ".\"a b\"",
    ".[\"a\"]",
    ".checks[] | select(.name == \"db\") | .ok",
    ".checks[] | select(.name == \"jobs\") | .detail.age_seconds",
    "(.STRIPE_SECRET_KEY // \"\") | startswith(\"sk_test_\")",
    "(.ORDER_STORAGE_BACKEND // \"local\") == \"local\"",
    ".jobs == 0 and (.errors | length == 0)",
    ".checks | all(.ok)",
    "all(.checks[]; .ok and .age < 60)",
    "any(.tags[]; . == \"x\")",
    "[.checks[] | select(.ok | not)] | length == 0",
    ".checks | map(.ok) | all",
    ".a.b[0].c?",
    ".a[-1]",
    ".list[]?.name",
    ".list | first | .x",
    "{a: .x, b: .y, c}",
    "{\"a b\": .x}",
    "{a: .x} == {a: 1}",
    "[]",
    "[.a, .b, 1e3, 1.5, -1, null, true, \"\\u00e4\\n\"]",
    ".a + .b > 3",
    ".x - 1 < 5 or .y == null",
    ".x < .5 and .y > 5.",
    "(.x | tonumber) * 1000 < 5",
    ".x / 2 != 3",
    ".x % 7 == 1",
    "now - .updated < 60",
    ".data | has(\"x\")",
    ".data | keys | length >= 3",
    ".version | ltrimstr(\"v\") | endswith(\".0\")",
    ".name | contains(\"api\")",
    "to_entries | map(.value)",
    ".a, .b",
    ".[] == 1",
    "not",
};

const std::vector<const char*> unknown{
    // endless, or without bound
    "def f: f; f",
    "range(1e9)",
    "[range(1e9)] | length",
    "repeat(.)",
    "recurse",
    "..",
    "while(true; .)",
    "until(false; .)",
    "limit(3; repeat(1))",
    "reduce .[] as $x (0; . + $x)",
    "foreach .[] as $x (0; $x)",
    "first(range(1e9))",
    "\"x\" * 1e9",
    ".a * .b",
    ".a * 1000000000",
    ".a - .b",
    ".a / .b",
    "add",
    "sort",
    "min",
    "flatten",
    "walk(.)",
    "combinations",
    // each multiplies
    ".[] == .[]",
    ".[] and .[]",
    ".[] + .x",
    ".x == .[]",
    "select(.[] == 1)",
    "has(.[])",
    "{a: .[]}",
    ". as $x | .[] | $x",
    "[., .] | [., .] | [., .] | [., .] | [., .] | [., .] | [., .]",
    "[.[], .[]] | [.[], .[]] | [.[], .[]] | [.[], .[]] | [.[], .[]] | [.[], .[]]",
    "., . | ., . | ., . | ., . | ., . | ., . | ., .",
    ".a + .a | . + . | . + . | . + . | . + . | . + . | . + .",
    ".[] + \"a text of over a hundred bytes that is added to each of them, and so is far longer "
    "than "
    "a small number in a list, such as one of only 2 bytes\"",
    // crash libjq 1.6
    "5 % 0.5",
    ".n % -1",
    ".n % .m",
    ".n % 0",
    // regular expressions, assignments, the world, errors
    "test(\"^a\")",
    ".a | match(\"x\")",
    "sub(\"a\"; \"b\")",
    ".a = 1",
    ".a |= 1",
    ".a //= 1",
    ".a += 1",
    "del(.a)",
    "env",
    "env.HOME",
    "$ENV",
    "$ENV.HOME",
    "$__loc__",
    "input",
    "inputs",
    "import \"a\" as a; 1",
    "include \"a\"; 1",
    "input_filename",
    "halt",
    "halt_error",
    "error",
    "debug",
    "@base64",
    "@sh \"\\(.)\"",
    "\"\\(.a)\"",
    "\"a\\(1)\"",
    "try error catch .",
    "if .a then 1 else 2 end",
    ".[1:2]",
    ".[:1]",
    ".[.a]",
    ".[1e99]",
    "index(\"a\")",
    "contains(.a)",
    "contains([1])",
    "ltrimstr(.a[])",
    "strptime(\"%Y\")",
    "mktime",
    "splits(\"a\")",
    "getpath([\"a\"])",
    "a::b",
    "length(1)",
    "nosuch",
    // no jq, or not known to be
    "",
    " ",
    ".a ==",
    ".a = = 1",
    ".a.",
    ".a..b",
    ".[",
    ".a]",
    "(.a",
    "{a: .b == 1}",
    "{(.a): 1}",
    "{$x}",
    "{\"a\"}",
    "5 % .5",
    "$ENV",
    "{$ENV}",
    "{a: $ENV}",
    "..[0]",
    "1e",
    "1a",
    "\"open",
    "'a'",
    "a b",
    ".a ; .b",
    ".a?//1",
    ".a\r",
    "\xc3\xa4",
    ".\xc3\xa4",
};

TEST(HarmlessJq, IsWhatPeopleWriteInConditions) {
  for (const char* expression : harmless) {
    EXPECT_TRUE(is_harmless_jq(expression)) << expression;
    std::string problem;
    EXPECT_TRUE(JqProgram::compile(expression, problem)) << expression << ": " << problem;
  }
}

TEST(HarmlessJq, IsNothingElse) {
  for (const char* expression : unknown) EXPECT_FALSE(is_harmless_jq(expression)) << expression;
  const auto nested = [](int times, const char* open, const char* close) {
    std::string text;
    for (int i = 0; i < times; ++i) text += open;
    text += ".";
    for (int i = 0; i < times; ++i) text += close;
    return text;
  };
  EXPECT_TRUE(is_harmless_jq(nested(30, "(", ")")));
  for (const int times : {50, 1000, 100'000}) {
    EXPECT_FALSE(is_harmless_jq(nested(times, "(", ")")));
    EXPECT_FALSE(is_harmless_jq(nested(times, "[", "]")));
    EXPECT_FALSE(is_harmless_jq(nested(times, "map(", ")")));
  }
  EXPECT_FALSE(is_harmless_jq("." + std::string(3000, ' ')));
  EXPECT_TRUE(is_harmless_jq("." + std::string(1000, ' ')));
  EXPECT_FALSE(is_harmless_jq(std::string_view(".a\0", 3)));
}

// Texts of tokens in any order: most are no jq, and none may be taken for more than it is.
class AnyExpression {
 public:
  explicit AnyExpression(unsigned seed) : random_(seed) {}

  std::string next() {
    text_.clear();
    pipe(4);
    return text_;
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  void pipe(int depth) {
    comma(depth);
    while (below(3) == 0) {
      text_ += " | ";
      comma(depth);
    }
  }
  void comma(int depth) {
    operation(depth);
    while (below(6) == 0) {
      text_ += ", ";
      operation(depth);
    }
  }
  void operation(int depth) {
    static const std::vector<const char*> marks{"==", "<", "+",  "-",   "*",
                                                "/",  "%", "//", "and", "or"};
    term(depth);
    if (below(3) != 0) return;
    text_ += std::string(" ") + marks[below(marks.size())] + " ";
    term(depth);
  }
  void term(int depth) {
    static const std::vector<const char*> leaves{
        ".",     ".[]",   ".a",   ".a.b", ".[0]",     ".[]?",       ".a?",      "1",
        "-2",    "\"x\"", "true", "null", "length",   "keys",       "tostring", "type",
        "first", "empty", "[]",   "{}",   "tonumber", "to_entries", "values",   "any",
        "all",   "floor", "not",  "2.5",  "\"\"",     ".[\"a\"]",   "{a}",      "strings"};
    static const std::vector<const char*> wraps{"(",    "[",    "map(",        "select(", "any(",
                                                "all(", "has(", "startswith(", "{a: ("};
    if (depth == 0 || below(3) != 0) {
      text_ += leaves[below(leaves.size())];
      return;
    }
    const std::string wrap = wraps[below(wraps.size())];
    text_ += wrap;
    pipe(depth - 1);
    text_ += wrap == "[" ? "]" : wrap == "{a: (" ? ")}" : ")";
  }

  std::mt19937 random_;
  std::string text_;
};

TEST(HarmlessJq, GivesResultsInProportionToItsInput) {
  std::string problem;
  std::string objects = "[0";
  for (int i = 0; i < 40; ++i) objects += R"(,{"a":{"b":[1,2,"x"]},"c":[[],{}]},"text",-1.5)";
  objects += "]";
  std::string numbers = "[1";
  for (int i = 0; i < 500; ++i) numbers += ",1";
  numbers += "]";
  const std::string nested = std::string(60, '[') + "1" + std::string(60, ']');
  const std::vector<std::string> texts{objects, numbers, nested, "{\"a\":[1,2,3]}", "0", "\"\\n\""};
  AnyExpression any(20'261'130);
  int tried = 0;
  for (int i = 0; i < 100'000 && tried < 300; ++i) {
    const std::string expression = any.next();
    if (!is_harmless_jq(expression)) continue;
    const auto program = JqProgram::compile_own(expression, problem);
    if (!program) continue;
    ++tried;
    for (const std::string& text : texts) {
      const auto json = Json::parse(text, problem);
      ASSERT_TRUE(json) << problem;
      std::size_t size = 0;
      for (const std::string& value : program->run(*json, problem)) size += value.size();
      // One byte may become the six of \u0000 or the seventeen digits of a number.
      EXPECT_LE(size, 64 * 8 * (text.size() + 16)) << expression << " of " << text.substr(0, 80);
    }
  }
  EXPECT_EQ(tried, 300);
}

}  // namespace
}  // namespace gonogo
