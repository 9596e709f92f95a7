// Lines that are long, that have no end yet, and that are written anew.
#include "probes/shared/log_count.h"

#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/growing_log.h"
#include "tests/support/sanitizers.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

class LogCounts : public GrowingLog {
 protected:
  Observation run_check(const std::string& options) {
    return bench.run("log", "{path: " + path() + ", first_run: 8MiB, " + options + "}");
  }
  // Of the same size, and written later.
  void write_anew(const std::string& text, int seconds) {
    const auto before = fs::last_write_time(path());
    scratch.write("app.log", text);
    fs::last_write_time(path(), before + std::chrono::seconds{seconds});
  }
  // Long before any reading.
  void begin_with(const std::string& text) {
    append(text);
    fs::last_write_time(path(), fs::last_write_time(path()) - std::chrono::hours{1});
  }
  ProbeBench bench;
};

TEST_F(LogCounts, LinesUpToOneMebibyteAreJudgedWhole) {
  append("ERROR " + std::string(1'000'000, 'x') + " payment failed\n");
  append(std::string(65'534, 'x') + "ERROR payment failed\n");
  const Observation seen = run_check("matches: 'ERROR.*payment', max: 0");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.values.at(0).number, 2);
  EXPECT_EQ(seen.values.at(1).number, 2);
  EXPECT_EQ(run_check("matches: 'payment', ignore: 'failed$', max: 0").outcome, Outcome::pass);
}

TEST_F(LogCounts, LongLinesOfJsonAreJudgedWhole) {
  ONLY_WITHOUT_SANITIZERS("change how the process for jq ends");
  append("{\"level\":\"error\",\"stack\":\"" + std::string(900'000, 'x') + "\"}\n");
  append("{\"level\":\"info\",\"stack\":\"" + std::string(70'000, 'x') + "\"}\n");
  const Observation seen = run_check("json: '.level == \"error\"', max: 0");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.values.at(0).number, 1);
}

TEST_F(LogCounts, ALongerLineIsDoubtful) {
  append(std::string(3'000'000, 'x') + " ERROR payment failed\nfine\n");
  const Observation most = run_check("matches: 'ERROR', max: 0");
  EXPECT_EQ(most.outcome, Outcome::fail);
  EXPECT_EQ(most.values.at(0).number, 1);
  EXPECT_EQ(most.values.at(1).number, 2);
  EXPECT_NE(most.summary.find("; 1 line of this run is longer than 1MiB and cannot be judged, such "
                              "as \"xxx"),
            std::string::npos)
      << most.summary;
  EXPECT_EQ(run_check("matches: 'ERROR', warn_max: 0").outcome, Outcome::pass) << "it is read once";
  EXPECT_EQ(run_check("matches: '[E]RROR', warn_max: 0").outcome, Outcome::warn);
  EXPECT_EQ(run_check("matches: 'ERRO[R]', min: 1").outcome, Outcome::fail);
  EXPECT_EQ(run_check("json: .ok, max_per_minute: 0, window: 1m").outcome, Outcome::fail);
}

TEST_F(LogCounts, TheBeginningOfALongerLineMayDecide) {
  append("ERROR " + std::string(3'000'000, 'x') + "\n");
  EXPECT_EQ(run_check("matches: '^ERROR', min: 1").outcome, Outcome::pass);
  EXPECT_EQ(run_check("min: 1").outcome, Outcome::pass) << "every line counts";
  EXPECT_EQ(run_check("ignore: '^ERROR', max: 0").outcome, Outcome::pass);
  EXPECT_EQ(run_check("matches: '^ERROR', ignore: fine, min: 1").outcome, Outcome::fail)
      << "its end may say that it is fine";
}

TEST_F(LogCounts, ALongerLineIsOneLineOverSeveralRuns) {
  const std::string options = "matches: ERROR, max: 0, max_read: 64KiB, window: 1h";
  append("fine\n");
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  append(std::string(200'000, 'x') + " ERROR ");
  for (int i = 0; i < 5; ++i) run_check(options);
  append(std::string(100'000, 'y') + "\nfine\n");
  for (int i = 0; i < 5; ++i) run_check(options);
  const Observation seen = run_check(options);
  EXPECT_EQ(seen.values.at(0).number, 1) << seen.summary;
  append("ERROR\n");
  EXPECT_EQ(run_check(options).values.at(0).number, 2);
}

TEST_F(LogCounts, TheLastWordsOfAProgramCountWithoutAnEnd) {
  append("fine\nFATAL out of memory");
  const Observation seen = run_check("matches: FATAL, max: 0");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.summary,
            "1 line at the end of the log, wanted at most 0; such as \"FATAL out of memory\"");
  EXPECT_EQ(run_check("matches: FATAL, max: 0").outcome, Outcome::pass) << "it is read once";
  append(" at last, FATAL\n");
  EXPECT_EQ(run_check("matches: FATAL, max: 0").outcome, Outcome::pass) << "it is the same line";
  append("FATAL again\n");
  EXPECT_EQ(run_check("matches: FATAL, max: 0").values.at(0).number, 1);
  EXPECT_EQ(run_check("matches: memory, min: 1, window: 1h").outcome, Outcome::pass);
}

TEST_F(LogCounts, AnUnfinishedLineIsJudgedWhenItDoesNotGrow) {
  append("fine\n");
  EXPECT_EQ(run_check("matches: FATAL, max: 0").outcome, Outcome::pass);
  append("FATAL out of mem");
  EXPECT_EQ(run_check("matches: FATAL, max: 0").outcome, Outcome::pass) << "it may grow";
  EXPECT_EQ(run_check("matches: FATAL, max: 0").outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: FATAL, max: 0").outcome, Outcome::pass);
}

// A program with a full buffer writes lines in pieces.
TEST_F(LogCounts, AnUnfinishedLineThatDoesNotCountIsJudgedAgainWhole) {
  const std::string options = "matches: 'ERROR.*payment', max: 0";
  append("fine\nERROR in the ");
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  append("payment of 5\n");
  EXPECT_EQ(run_check(options).outcome, Outcome::fail);
}

TEST_F(LogCounts, AnUnfinishedLineOfJsonIsJudgedAsItIs) {
  ONLY_WITHOUT_SANITIZERS("change how the process for jq ends");
  append("{\"level\":\"error\"}\n{\"level\":\"er");
  for (const char* json : {".level == \"error\"", ".level | test(\"^error$\")"}) {
    const std::string options = std::string("json: '") + json + "', max: 0, window: 1h";
    EXPECT_EQ(run_check(options).values.at(0).number, 1);
    EXPECT_EQ(run_check(options).values.at(0).number, 1);
  }
  append("ror\"}");
  for (const char* json : {".level == \"error\"", ".level | test(\"^error$\")"}) {
    const std::string options = std::string("json: '") + json + "', max: 0, window: 1h";
    run_check(options);
    EXPECT_EQ(run_check(options).values.at(0).number, 2);
    EXPECT_EQ(run_check(options).values.at(0).number, 2);
  }
  append("\n{\"level\":\"info\"}\n");
  EXPECT_EQ(run_check("json: '.level == \"error\"', max: 0, window: 1h").values.at(0).number, 2);
}

TEST_F(LogCounts, AnUnfinishedLineOfARotatedLogCountsOnce) {
  const std::string options = "matches: FATAL, max: 0, window: 1h";
  append("fine\nFATAL out of");
  EXPECT_EQ(run_check(options).values.at(0).number, 1);
  append(" memory\nFATAL\n");
  fs::rename(path(), path() + ".1");
  append("FATAL\n");
  EXPECT_EQ(run_check(options).values.at(0).number, 3);
}

TEST_F(LogCounts, ALogThatIsWrittenAnewWithTheSameTextIsReadAgain) {
  const std::string options = "matches: ERROR, max: 0";
  const std::string text = "start\nERROR could not connect\nend\n";
  begin_with(text);
  EXPECT_EQ(run_check(options).outcome, Outcome::fail);
  EXPECT_EQ(run_check(options).outcome, Outcome::pass) << "nothing was written";
  write_anew(text, 60);
  EXPECT_EQ(run_check(options).outcome, Outcome::fail);
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  append("fine\n");
  EXPECT_EQ(run_check(options).outcome, Outcome::pass) << "what is added is all that is new";
}

TEST_F(LogCounts, ALogThatIsWrittenAnewWithoutALastLineEndIsReadAgain) {
  const std::string options = "matches: ERROR, max: 0";
  begin_with("start\nERROR could not connect");
  EXPECT_EQ(run_check(options).outcome, Outcome::fail);
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  write_anew("start\nERROR could not connect", 60);
  run_check(options);
  EXPECT_EQ(run_check(options).outcome, Outcome::fail) << "when it does not grow";
}

}  // namespace
}  // namespace gonogo
