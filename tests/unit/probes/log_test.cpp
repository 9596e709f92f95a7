// Lines of a log that jq judges.
#include "probes/log.h"

#include <gtest/gtest.h>

#include "tests/support/sanitizers.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

// Each run is the first one of its log.
class LogLines : public testing::Test {
 protected:
  Observation run(const std::string& lines, const std::string& options) {
    const std::string path = scratch.write("log" + std::to_string(++files_), lines);
    return bench.run("log", "{path: " + path + ", first_run: 1MiB, " + options + "}");
  }

  ProbeBench bench;
  Scratch scratch;

 private:
  int files_ = 0;
};

constexpr const char* fast_and_other =
    "{\"ms\":1}\n{}\n{\"ms\":\"no\"}\n{\"ms\":900}\nno JSON\n{\"ms\":null}\n";

// null comes before every number.
TEST_F(LogLines, WithoutTheValueDoNotCountWhereMatchesAreWanted) {
  const Observation few = run(fast_and_other, "json: .ms < 5, min: 2");
  EXPECT_EQ(few.outcome, Outcome::fail);
  EXPECT_EQ(few.summary,
            "1 line at the end of the log, wanted at least 2; such as \"{\"ms\":1}\"; .ms < 5 "
            "cannot judge 3 lines of this run, such as \"{}\"");
  EXPECT_EQ(few.values.at(0).number, 1);
  const Observation enough = run(fast_and_other, "json: .ms < 5, min: 1");
  EXPECT_EQ(enough.outcome, Outcome::pass);
  EXPECT_EQ(enough.summary,
            "1 line at the end of the log; .ms < 5 cannot judge 3 lines of this run, such as "
            "\"{}\"");
}

// A text comes after every number: such a line may be one that must not be there.
TEST_F(LogLines, OfAnotherKindStillCountWhereFewAreWanted) {
  const std::string lines = "{\"level\":\"fatal\"}\n{\"level\":30}\n{}\n";
  const Observation seen = run(lines, "json: .level >= 50, max: 0");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.summary,
            "1 line at the end of the log, wanted at most 0; such as \"{\"level\":\"fatal\"}\"; "
            ".level >= 50 cannot judge 2 lines of this run, such as \"{\"level\":\"fatal\"}\"");
  EXPECT_EQ(run(lines, "json: .level >= 50, warn_max: 0").outcome, Outcome::warn);
  EXPECT_EQ(run(lines, "json: .level >= 50, max_per_minute: 0, window: 1m").outcome, Outcome::fail);
  // One that jq itself does not take for a match is no match.
  EXPECT_EQ(run("{}\n{\"ms\":3}\n", "json: .ms > 500, max: 0").outcome, Outcome::pass);
  // Neither good for the one nor for the other.
  EXPECT_EQ(run("{\"level\":\"fatal\"}\n", "json: .level >= 50, max: 5, min: 1").summary,
            "0 lines at the end of the log, wanted at least 1; such as "
            "\"{\"level\":\"fatal\"}\"; .level >= 50 cannot judge 1 line of this run, such as "
            "\"{\"level\":\"fatal\"}\"");
}

TEST_F(LogLines, KeepWhatIsDoubtfulInTheWindow) {
  const std::string path = scratch.write("kept", "{}\n{\"ms\":1}\n");
  const std::string options = "{path: " + path + ", json: .ms < 5, window: 1h, min: 3}";
  EXPECT_EQ(bench.run("log", options).outcome, Outcome::fail);
  std::ofstream(path, std::ios::app) << "{\"ms\":2}\n";
  const Observation second = bench.run("log", options);
  EXPECT_EQ(second.outcome, Outcome::fail) << second.summary;
  EXPECT_EQ(second.summary.substr(0, second.summary.find(';')),
            "2 lines within 1h, wanted at least 3");
  std::ofstream(path, std::ios::app) << "{\"ms\":2}\n";
  const Observation third = bench.run("log", options);
  EXPECT_EQ(third.outcome, Outcome::pass) << third.summary;
  EXPECT_EQ(third.summary, "3 lines within 1h");
}

TEST_F(LogLines, ThatAnotherProcessJudgesAreJudgedAlike) {
  ONLY_WITHOUT_SANITIZERS("change how the process for jq ends");
  const std::string expression = "json: '.ms < 5 and (.ms | tostring | test(\"\"))'";
  const Observation few = run(fast_and_other, expression + ", min: 2");
  EXPECT_EQ(few.outcome, Outcome::fail);
  EXPECT_NE(few.summary.find("cannot judge 3 lines of this run"), std::string::npos) << few.summary;
  EXPECT_EQ(run(fast_and_other, expression + ", max: 2").outcome, Outcome::fail);
  EXPECT_EQ(run(fast_and_other, expression + ", max: 3").outcome, Outcome::pass);
}

// The control.
TEST_F(LogLines, AreCountedAsBeforeWhereTheyCanBeJudged) {
  const std::string lines = "{\"ms\":1}\n{\"ms\":900}\n{\"ms\":2}\n";
  const Observation seen = run(lines, "json: .ms < 5, min: 2");
  EXPECT_EQ(seen.outcome, Outcome::pass);
  EXPECT_EQ(seen.summary, "2 lines at the end of the log");
  EXPECT_EQ(run(lines, "json: .ms > 5, max: 0").summary,
            "1 line at the end of the log, wanted at most 0; such as \"{\"ms\":900}\"");
  EXPECT_EQ(run(lines, "json: '.ms == null or .ms < 5', min: 2").summary,
            "2 lines at the end of the log");
}

}  // namespace
}  // namespace gonogo
