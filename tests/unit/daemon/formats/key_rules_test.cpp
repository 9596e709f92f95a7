// The rules of the dotenv kind as a table; and no text shows a value.
#include "daemon/formats/key_rules.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

struct RuleCase {
  const char* env;
  const char* options;
  const char* expected;  // part of the summary; empty: passes
};

class KeyRules : public testing::TestWithParam<RuleCase> {};

TEST_P(KeyRules, JudgeAFile) {
  const auto& [env, options, expected] = GetParam();
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env", env);
  const Observation seen =
      bench.run("dotenv", "{path: " + path + ", " + std::string(options) + "}");
  if (std::string(expected).empty()) {
    EXPECT_EQ(seen.outcome, Outcome::pass) << seen.summary;
  } else {
    EXPECT_NE(seen.outcome, Outcome::pass);
    EXPECT_NE(seen.summary.find(expected), std::string::npos) << seen.summary;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Table, KeyRules,
    testing::Values(
        RuleCase{"A=1", "keys: {A: }", ""}, RuleCase{"A=", "keys: {A: }", "A is not set"},
        RuleCase{"B=1", "keys: {A: }", "A is not set"},
        RuleCase{"B=1", "keys: {A: {required: false, min_length: 9}}", ""},
        RuleCase{"A=short", "keys: {A: {min_length: 32}}", "A is shorter than the 32 characters"},
        RuleCase{"A=ääääääää", "keys: {A: {min_length: 9}}", "shorter"},
        RuleCase{"A=sk_test_1", "keys: {A: {prefix: sk_live_}}", "does not begin with sk_live_"},
        RuleCase{"A=sk_test_1", "keys: {A: {prefix: [sk_live_, sk_test_]}}", ""},
        RuleCase{"A=abc", "keys: {A: {matches: '^[0-9]+$'}}", "does not match"},
        RuleCase{"A=postgres:postgres@x", "keys: {A: {matches_not: 'postgres:postgres'}}",
                 "matches"},
        RuleCase{"A=staging", "keys: {A: {one_of: [prod]}}", "is none of prod"},
        RuleCase{"A=Dev-Auth-Secret", "keys: {A: {not: dev-auth-secret}}", "forbidden"},
        RuleCase{"A=please-change-me-now", "keys: {A: {no_placeholder: true}}", "placeholder"},
        RuleCase{"A=<your key here>", "keys: {A: {no_placeholder: true}}", "placeholder"},
        RuleCase{"A=__SET_IN_CI__", "keys: {A: {no_placeholder: true}}", "placeholder"},
        RuleCase{"A=xxxx", "keys: {A: {no_placeholder: true}}", "placeholder"},
        RuleCase{"A=c7b1f0e5d29a4f3f", "keys: {A: {no_placeholder: true}}", ""},
        RuleCase{"A=sk_test_xxx", "keys: {A: {no_placeholder: true}}", "placeholder"},
        RuleCase{"A=pk9:", "keys: {A: {prefix: ['pk9:', sk_], no_placeholder: true}}",
                 "placeholder"},
        RuleCase{"A=pk9:x7", "keys: {A: {prefix: ['pk9:', sk_], no_placeholder: true}}", ""},
        RuleCase{"A=replace-with-a-strong-random-secret-value", "keys: {A: {min_strength: 60}}",
                 "asks for a secret"},
        RuleCase{"A=replace-with-a-strong-random-secret-value", "keys: {A: {min_length: 30}}", ""},
        RuleCase{"A=ab__cd__7f3Kq9mX2vZs8Lw", "keys: {A: {min_strength: 60}}", ""},
        RuleCase{"A='  '", "keys: {A: }", "A holds nothing but blanks"},
        RuleCase{"A=\"\\t\\n\"", "keys: {A: }", "A holds nothing but blanks"},
        RuleCase{"A=\" \u00A0\"", "keys: {A: }", "A holds nothing but blanks"},
        RuleCase{"A='  '\nB=1", "keys: {A: {required: false}}", ""},
        RuleCase{"A=' x '", "keys: {A: }", ""},
        RuleCase{"U=a\nP=' '", "any_of: [[U, P]]", "U and P is not set completely"},
        RuleCase{"A=passwordpasswordpasswordpassword", "keys: {A: {min_strength: 60}}",
                 "easy to guess"},
        RuleCase{"A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "keys: {A: {min_strength: 60}}",
                 "easy"},
        RuleCase{"A=kV9$mQ2x!Rz7wLp4Tn8b", "keys: {A: {min_strength: 60}}", ""},
        RuleCase{"A=yes", "keys: {A: {type: boolean}}", ""},
        RuleCase{"A=maybe", "keys: {A: {type: boolean}}", "is not true or false"},
        RuleCase{"A=0", "keys: {A: {type: integer, min: 1}}", "below the 1"},
        RuleCase{"A=70000", "keys: {A: {type: port}}", "port"},
        RuleCase{"A=587", "keys: {A: {type: port}}", ""},
        RuleCase{"A=http://x.org", "keys: {A: {type: https_url}}", "https"},
        RuleCase{"A='https://localhost:3000/x'", "keys: {A: {type: https_url}}", "another host"},
        RuleCase{"A='https://x.org/ok?s={CHECKOUT_SESSION_ID}'", "keys: {A: {type: https_url}}",
                 ""},
        RuleCase{"A=ops@example.net", "keys: {A: {type: email}}", ""},
        RuleCase{"A=ops at example", "keys: {A: {type: email}}", "e-mail"},
        RuleCase{"A='https://a.org, https://b.org'", "keys: {A: {type: origin, list: true}}", ""},
        RuleCase{"A='https://a.org/path'", "keys: {A: {type: origin, list: true}}", "origin"},
        RuleCase{"A=*", "keys: {A: {type: origin, list: true}}", "origin"},
        RuleCase{"A='[\"https://a.org\"]'", "keys: {A: {type: origin, list: true}}", ""},
        RuleCase{"A='[\"https://a.org\"'", "keys: {A: {type: origin, list: true}}", "JSON list"},
        RuleCase{"A=10.0.0.0/8", "keys: {A: {type: address, list: true}}", "IP address"},
        RuleCase{"A=10.0.0.0/8", "keys: {A: {type: network, list: true}}", ""},
        RuleCase{"A=postgresql+psycopg://u:p@db:5432/x", "keys: {A: {type: postgres_url}}", ""},
        RuleCase{"A=mysql://u@db/x", "keys: {A: {type: postgres_url}}", "postgresql://"},
        RuleCase{"A=s\nB=s", "distinct: [A, B]", "B is the same as A"},
        RuleCase{"A=s\nB=s", "keys: {B: {distinct_from: A}}", "same as A"},
        RuleCase{"A=pw\nB=postgresql://u:pw@db/x", "keys: {A: {password_of: B}}", ""},
        RuleCase{"A=pw\nB=postgresql://u:other@db/x", "keys: {A: {password_of: B}}", "differs"},
        RuleCase{"A=1\nB=2", "keys: {A: {same_as: B}}", "differs from B"},
        RuleCase{"MODE=smtp", "keys: {HOST: {when: {MODE: smtp}}}", "HOST is not set"},
        RuleCase{"MODE=off", "keys: {HOST: {when: {MODE: smtp}}}", ""},
        RuleCase{"X=1", "defaults: {MODE: smtp}, keys: {HOST: {when: {MODE: smtp}}}", "HOST"},
        RuleCase{"X=1", "defaults: {PAY: 'true'}, keys: {KEY: {when_not: {PAY: 'false'}}}", "KEY"},
        RuleCase{"PAY=False", "keys: {KEY: {when_not: {PAY: 'false'}}}", ""},
        RuleCase{"T=1", "keys: {T: {absent: true}}", "T is set"},
        RuleCase{"A_PASSWORD=short\nB_PASSWORD=longenough12",
                 "keys: {'*_PASSWORD': {min_length: 12}}", "A_PASSWORD is shorter"},
        RuleCase{"U=a", "any_of: [[U, P], [T]]", "U and P, or T is not set completely"},
        RuleCase{"T=a", "any_of: [[U, P], T]", ""},
        RuleCase{"# only a comment", "keys: {A: }", "sets no key"}));

TEST(Dotenv, FailsWhereComposeRefusesTheFile) {
  Scratch scratch;
  ProbeBench bench;
  const std::string good = scratch.write("good.env", "A=1\n");
  const std::string bad = scratch.write(".env", "A=1\nMSG='it's'\n");
  const std::string expected = bad + ", line 2, column 10: ";
  for (const std::string& options :
       {"path: " + bad + ", keys: {A: }", "path: " + good + ", same_keys_as: " + bad,
        "path: " + good + ", equal_to: " + bad, "path: " + bad + ", shell: true"}) {
    const Observation seen = bench.run("dotenv", "{" + options + "}");
    EXPECT_EQ(seen.outcome, Outcome::fail) << options;
    EXPECT_EQ(seen.reason, Reason::content);
    EXPECT_TRUE(seen.summary.starts_with(expected)) << seen.summary;
  }
}

TEST(Dotenv, UsesOnlyTheVariablesThatItListsOrSets) {
  Scratch scratch;
  ProbeBench bench;
  ::setenv("GONOGO_TEST_TAG", "v7", 1);
  const std::string path = scratch.write(".env", "A=${GONOGO_TEST_TAG:?the tag of today}\n");
  const auto seen = [&](const std::string& options) {
    return bench.run("dotenv", "{path: " + path + options + ", keys: {A: {one_of: [v7]}}}");
  };
  EXPECT_NE(seen("").summary.find("needs GONOGO_TEST_TAG, which is not set or empty: the tag"),
            std::string::npos);
  for (const char* options :
       {", environment: {GONOGO_TEST_TAG: v7}", ", environment: [GONOGO_TEST_TAG=v7]",
        ", environment: [GONOGO_TEST_TAG]", ", environment: GONOGO_TEST_TAG"}) {
    EXPECT_EQ(seen(options).outcome, Outcome::pass) << seen(options).summary;
  }
  EXPECT_EQ(seen(", environment: [GONOGO_TEST_NONE]").outcome, Outcome::fail);
  EXPECT_THROW(seen(", environment: [=x]"), std::runtime_error);
  ::unsetenv("GONOGO_TEST_TAG");
}

TEST(Dotenv, NamesAKeyThatIsSetTwice) {
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env", "A=1\nB=x\nA=2\n");
  const std::string words = "A is set twice (lines 1 and 3, the last counts)";
  const auto seen = [&](const std::string& options) {
    return bench.run("dotenv", "{path: " + path + ", keys: {A: }" + options + "}");
  };
  for (const char* options : {"", ", duplicates: note"}) {
    const Observation noted = seen(options);
    EXPECT_EQ(noted.outcome, Outcome::pass);
    EXPECT_EQ(noted.summary, "2 keys, all as wanted; " + words);
    EXPECT_EQ(noted.evidence,
              (std::vector<std::pair<std::string, std::string>>{{"duplicates", words}}));
  }
  EXPECT_EQ(seen(", duplicates: warn").outcome, Outcome::warn);
  EXPECT_EQ(seen(", duplicates: warn").summary, words);
  EXPECT_EQ(seen(", duplicates: fail").outcome, Outcome::fail);
  const Observation failed = bench.run("dotenv", "{path: " + path + ", keys: {C: }}");
  EXPECT_EQ(failed.summary, "C is not set; " + words);
  scratch.write(".env", "A=1\nA=1\nA=1\nA=1\nA=1\nA=1\nA=1\n");
  EXPECT_NE(seen("").summary.find("A is set 7 times (lines 1, 2, 3, 4, 5, ... and 7, the last"),
            std::string::npos)
      << seen("").summary;
}

TEST(Dotenv, IsSafeToSourceWhereThatIsAsked) {
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env", "A=1\nTITLE=My Shop\n");
  EXPECT_EQ(bench.run("dotenv", "{path: " + path + "}").outcome, Outcome::pass);
  const Observation seen = bench.run("dotenv", "{path: " + path + ", shell: true}");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.summary,
            "line 2, column 10: a word that the shell runs as a command (a value with blanks needs "
            "quotes), so the file is not safe to source");
  scratch.write(".env", "A=1\nTITLE=\"My Shop\"\n");
  EXPECT_EQ(bench.run("dotenv", "{path: " + path + ", shell: true}").outcome, Outcome::pass);
}

TEST(Dotenv, NotesAValueThatUsesWhatNothingSets) {
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env", "A=1\nPW=pa$word\n");
  const Observation seen = bench.run("dotenv", "{path: " + path + "}");
  EXPECT_EQ(seen.outcome, Outcome::pass);
  EXPECT_EQ(seen.evidence, (std::vector<std::pair<std::string, std::string>>{
                               {"unset", "PW uses a variable that nothing sets (line 2)"}}));
}

TEST(Dotenv, AWarningStandsBehindAFailure) {
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env", "A=x\nB=y\n");
  const std::string rules = ", keys: {A: {min_length: 5, warn: true}, B: {min_length: 5}}}";
  const Observation both = bench.run("dotenv", "{path: " + path + rules);
  EXPECT_EQ(both.outcome, Outcome::fail);
  EXPECT_TRUE(both.summary.starts_with("B ")) << both.summary;
  scratch.write(".env", "A=x\nB=longer\n");
  EXPECT_EQ(bench.run("dotenv", "{path: " + path + rules).outcome, Outcome::warn);
}

TEST(Dotenv, ComparesFilesByTheirKeysAndValues) {
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env",
                                         "\xEF\xBB\xBF"
                                         "export A=\"1\" # why\r\nB='2'\r\n");
  const std::string other = scratch.write("other.env", "B=2\nA=1\n");
  const std::string example = scratch.write(".env.example", "A=\nB=\nC=\n");
  EXPECT_EQ(bench.run("dotenv", "{path: " + path + ", equal_to: " + other + "}").outcome,
            Outcome::pass);
  const Observation lacks =
      bench.run("dotenv", "{path: " + path + ", same_keys_as: " + example + "}");
  EXPECT_NE(lacks.summary.find("C is missing"), std::string::npos) << lacks.summary;
  scratch.write("other.env", "B=2\nA=other\n");
  const Observation differs = bench.run("dotenv", "{path: " + path + ", equal_to: " + other + "}");
  EXPECT_NE(differs.summary.find("A is not the same"), std::string::npos);
}

TEST(Dotenv, JudgesTheModeFirst) {
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env", "A=1\n");
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(bench.run("dotenv", "{path: " + path + ", max_mode: \"0640\"}").reason,
            Reason::permission);
  ::chmod(path.c_str(), 0640);
  EXPECT_EQ(bench.run("dotenv", "{path: " + path + ", max_mode: \"0640\"}").outcome, Outcome::pass);
}

TEST(Dotenv, NeverTellsAValueOrItsLength) {
  const std::string value = "Tr0ub4dor-and-3-horses";
  Scratch scratch;
  ProbeBench bench;
  const std::string path = scratch.write(".env", "A=" + value + "\nB=" + value + "\n");
  for (const char* rule :
       {"min_length: 99", "prefix: x", "matches: '^x'", "matches_not: Tr0ub", "one_of: [x]",
        "min_strength: 500", "type: integer", "type: email", "same_as: C", "password_of: B",
        "distinct_from: B", "not: [tr0ub4dor-and-3-horses]", "min: 5",
        "list: true, type: network"}) {
    const Observation seen = bench.run("dotenv", "{path: " + path + ", keys: {A: {" + rule + "}}}");
    EXPECT_EQ(seen.outcome, Outcome::fail) << rule;
    std::string all = seen.summary;
    for (const auto& [name, text] : seen.evidence) all += text;
    // A pattern is the configuration's own text.
    if (std::string_view(rule).find("matches_not") == std::string_view::npos) {
      EXPECT_EQ(all.find("Tr0ub"), std::string::npos) << all;
    }
    EXPECT_EQ(all.find(value), std::string::npos) << all;
    EXPECT_EQ(all.find(std::to_string(value.size())), std::string::npos) << all;
    for (const Value& number : seen.values) EXPECT_EQ(number.name, "problems");
  }
}

}  // namespace
}  // namespace gonogo
