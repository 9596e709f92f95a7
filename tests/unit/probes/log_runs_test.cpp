// Runs of the log kind one after another, over its rotations.
#include <gtest/gtest.h>

#include <chrono>

#include "tests/support/growing_log.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

class LogKind : public GrowingLog {
 protected:
  Observation run_check(const std::string& options) {
    return bench.run("log", "{path: " + path() + ", " + options + "}");
  }
  ProbeBench bench;
};

TEST_F(LogKind, CountsWhatMatchesSinceTheLastLook) {
  append("info: fine\nerror: bad\nerror: ignored probe\n");
  const std::string options = "matches: '^error', ignore: probe, max: 0";
  const Observation first = run_check(options);
  EXPECT_EQ(first.outcome, Outcome::fail);
  EXPECT_NE(first.summary.find("error: bad"), std::string::npos) << first.summary;
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  append("error: again\n");
  EXPECT_EQ(run_check(options).outcome, Outcome::fail);
}

TEST_F(LogKind, LinesThatAreReadOnceAreNotOutvotedByTheNextLook) {
  append("error\n");
  EXPECT_TRUE(run_check("matches: error, max: 0").is_seen_once);
  append("error\n");
  EXPECT_FALSE(run_check("matches: error, max: 0, window: 1h").is_seen_once)
      << "the window keeps them";
}

TEST_F(LogKind, AWindowRemembers) {
  append("error\n");
  EXPECT_EQ(run_check("matches: error, max: 0, window: 1h").outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: error, max: 0, window: 1h").outcome, Outcome::fail);
}

// What was counted and passed over by another rule says nothing of this one.
TEST_F(LogKind, ACheckThatCountsOtherLinesBeginsAnew) {
  append("ERROR one\nFATAL two\n{\"level\":\"error\"}\n");
  const std::string window = ", window: 1h";
  EXPECT_EQ(run_check("matches: WARN, max: 0" + window).outcome, Outcome::pass);
  EXPECT_EQ(run_check("matches: FATAL, max: 0" + window).outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: ERROR, ignore: one, max: 0" + window).outcome, Outcome::pass);
  EXPECT_EQ(run_check("matches: ERROR, max: 0" + window).outcome, Outcome::fail);
  EXPECT_EQ(run_check("json: .level == \"none\", max: 0" + window).outcome, Outcome::pass);
  EXPECT_EQ(run_check("json: .level == \"error\", max: 0" + window).outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: ERROR, min: 1" + window).outcome, Outcome::pass);
  EXPECT_EQ(run_check("matches: BACKUP DONE, min: 1" + window).outcome, Outcome::fail);
}

TEST_F(LogKind, ALongerWindowOrMoreFoldersAreReadBackOver) {
  fs::create_directories(scratch.path("old"));
  scratch.write("old/app.log.1", "error\n");
  scratch.write("old/app.log", "of another\n");
  append("fine\n");
  EXPECT_EQ(run_check("matches: error, max: 0, window: 1h").outcome, Outcome::pass);
  EXPECT_EQ(run_check("matches: error, max: 0, window: 1h, olddir: old").outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: fine, max: 0").outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: fine, max: 0").outcome, Outcome::pass);
  EXPECT_EQ(run_check("matches: fine, max: 0, window: 1h").outcome, Outcome::fail);
}

// The control.
TEST_F(LogKind, OtherBoundsOfTheSameLinesGoOnWithWhatWasCounted) {
  append("error\n");
  EXPECT_EQ(run_check("matches: error, max: 0").outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: error, warn_max: 0, first_run: 1KiB, max_read: 2MiB").outcome,
            Outcome::pass)
      << "the line is not read again";
}

TEST_F(LogKind, AsksJsonLines) {
  append("plain text\n{\"level\":\"error\",\"n\":1}\n{\"level\":\"info\"}\n{broken\n");
  const Observation seen = run_check("json: '.level == \"error\"', warn_max: 0");
  EXPECT_EQ(seen.outcome, Outcome::warn);
  EXPECT_EQ(seen.values.at(0).number, 1);
  EXPECT_EQ(seen.values.at(1).number, 4);
}

TEST_F(LogKind, WhatIsNotReadProvesNothing) {
  append("x\n");
  run_check("matches: error, max: 0");
  for (int i = 0; i < 2000; ++i) append("line " + std::to_string(i) + "\n");
  const Observation behind = run_check("matches: error, max: 0, max_read: 4KiB");
  EXPECT_EQ(behind.outcome, Outcome::unknown) << behind.summary;
  EXPECT_EQ(behind.reason, Reason::prober);
}

TEST_F(LogKind, AddsUpWhatSeveralRunsReadUntilTheEndIsReached) {
  append("x\n");
  const std::string options = "matches: error, max: 3, max_read: 1KiB";
  run_check(options);
  const std::string line = "error " + std::string(250, 'x') + "\n";
  append(line + line + line + line + line);
  EXPECT_EQ(run_check(options).outcome, Outcome::unknown);
  const Observation second = run_check(options);
  EXPECT_EQ(second.outcome, Outcome::fail) << second.summary;
  EXPECT_EQ(second.values.at(0).number, 5);
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
}

TEST_F(LogKind, OneByteOutsideUtf8HidesNoLine) {
  append("ERROR caf\xe9 payment\n\xff\xfe ERROR \xc3( payment\nfine\n");
  const Observation seen = run_check("matches: 'ERROR.*payment', max: 0");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.values.at(0).number, 2);
  EXPECT_EQ(seen.summary,
            "2 lines at the end of the log, wanted at most 0; such as \"ERROR caf\\xe9 payment\"");
  append("ERROR caf\xe9 payment\nhealth \xe9 check\n");
  EXPECT_EQ(run_check("matches: '.', ignore: 'health.*check', max: 0").values.at(0).number, 4);
  append("{\"msg\": \"ERROR caf\xe9 payment\"}\n");
  EXPECT_EQ(run_check("json: '.msg | test(\"ERROR.*payment\")', max: 0").outcome, Outcome::fail);
}

TEST_F(LogKind, LinesThatAreGoneAreNotGoodForOneRun) {
  append("one\n");
  EXPECT_EQ(run_check("matches: error, max: 0").outcome, Outcome::pass);
  fs::remove(path());
  append("two\n");
  const Observation lost = run_check("matches: error, max: 0");
  EXPECT_EQ(lost.outcome, Outcome::fail);
  EXPECT_EQ(lost.reason, Reason::missing);
  EXPECT_EQ(lost.summary,
            "some lines were not read: the log is another file now, and the one that was read is "
            "not found");
  EXPECT_TRUE(lost.is_seen_once);
  EXPECT_EQ(run_check("matches: error, max: 0").outcome, Outcome::pass);
}

TEST_F(LogKind, LinesThatAreGoneAreNotGoodAsLongAsTheWindowReachesBack) {
  const std::string options = "matches: error, max: 0, window: 10m";
  append("one\n");
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  fs::rename(path(), path() + ".1.xz");
  append("two\n");
  for (int i = 0; i < 3; ++i) {
    const Observation lost = run_check(options);
    EXPECT_EQ(lost.outcome, Outcome::fail);
    EXPECT_EQ(lost.reason, Reason::missing);
    EXPECT_EQ(lost.is_seen_once, i == 0);
    EXPECT_NE(lost.summary.find(".1.xz is packed, and not by gzip"), std::string::npos);
    EXPECT_NE(lost.summary.find("; wanted all lines within 10m"), std::string::npos);
  }
}

TEST_F(LogKind, TheLineStaysWithItsFailure) {
  const std::string options = "matches: error, max: 0, window: 1h";
  append("error one\n");
  EXPECT_EQ(run_check(options).summary,
            "1 line within 1h, wanted at most 0; such as \"error one\"");
  append("fine\n");
  const Observation second = run_check(options);
  EXPECT_EQ(second.summary, "1 line within 1h, wanted at most 0; such as \"error one\"");
  ASSERT_EQ(second.evidence.size(), 1U);
  EXPECT_EQ(second.evidence[0].second, "error one");
  append("error two\nerror three\nerror four\n");
  const Observation third = run_check(options);
  EXPECT_EQ(third.summary, "4 lines within 1h, wanted at most 0; such as \"error one\"");
  ASSERT_EQ(third.evidence.size(), 3U);
  EXPECT_EQ(third.evidence[2].second, "error four");
}

TEST_F(LogKind, AFirstRunReadsBackOverItsWindow) {
  append("error one\n");
  fs::rename(path(), path() + ".1");
  append("fine\n");
  EXPECT_EQ(run_check("matches: error, max: 0, window: 1h").outcome, Outcome::fail);
  EXPECT_EQ(run_check("matches: error, max: 0, first_run: 1MiB").outcome, Outcome::pass)
      << "without a window it is the log's end alone";
}

TEST_F(LogKind, ALogThatWasSilentLongerThanTheWindowHasNoLines) {
  append("started\n");
  fs::last_write_time(path(), fs::file_time_type::clock::now() - std::chrono::hours{24});
  EXPECT_EQ(run_check("min: 1, window: 10m").outcome, Outcome::fail);
}

TEST_F(LogKind, AFirstRunThatDoesNotReachBackOverItsWindowIsNotGood) {
  const std::string now = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(
                                             std::chrono::system_clock::now().time_since_epoch())
                                             .count());
  for (int i = 0; i < 100; ++i) append("{\"ts\":" + now + ",\"n\":" + std::to_string(i) + "}\n");
  const std::string options = "matches: error, max: 0, window: 1h, first_run: 256B";
  const Observation seen = run_check(options + ", max_read: 1KiB");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.reason, Reason::missing);
  EXPECT_EQ(seen.summary,
            "the first run read 1KiB of the log (max_read), which is less; wanted all lines "
            "within 1h");
  EXPECT_EQ(run_check(options).outcome, Outcome::fail) << "the window still reaches back";
}

TEST_F(LogKind, FormerFilesMayBeElsewhere) {
  const std::string options = "matches: error, max: 0, olddir: [archive, /nowhere]";
  fs::create_directories(scratch.path("archive"));
  append("one\n");
  EXPECT_EQ(run_check(options).outcome, Outcome::pass);
  append("error\n");
  fs::rename(path(), scratch.path("archive/app.log.1"));
  append("two\n");
  EXPECT_EQ(run_check(options).reason, Reason::threshold);
}

TEST_F(LogKind, WantsLinesWhenSaidSo) {
  append("one\n");
  EXPECT_EQ(run_check("min: 1").outcome, Outcome::pass);
  EXPECT_EQ(run_check("min: 1").outcome, Outcome::fail);
}

TEST_F(LogKind, ASampleIsShownHarmless) {
  append("error \x1b[2Jboo\n");
  const Observation seen = run_check("max: 0");
  EXPECT_EQ(seen.summary.find('\x1b'), std::string::npos);
}

TEST_F(LogKind, MissingIsAFailure) { EXPECT_EQ(run_check("max: 0").reason, Reason::missing); }

}  // namespace
}  // namespace gonogo
