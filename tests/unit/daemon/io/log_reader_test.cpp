#include "daemon/io/log_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "daemon/core/io_error.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

class LogReader : public testing::Test {
 protected:
  std::string path() const { return scratch.path("app.log"); }
  void append(const std::string& text) { std::ofstream(path(), std::ios::app) << text; }

  // The lines of one reading, joined by '|'.
  std::string read() {
    std::string lines;
    last = read_new_lines(path(), position, bounds, [&lines](std::string_view line) {
      lines += (lines.empty() ? "" : "|") + std::string(line);
    });
    position = last.position;
    return lines;
  }

  Scratch scratch;
  LogBounds bounds;
  std::optional<LogPosition> position;
  LogReading last;
};

TEST_F(LogReader, GivesEachLineOnce) {
  append("one\ntwo\n");
  EXPECT_EQ(read(), "one|two");
  EXPECT_EQ(read(), "");
  append("three\r\n");
  EXPECT_EQ(read(), "three");
}

TEST_F(LogReader, LeavesAnUnfinishedLineForTheNextTime) {
  append("one\nhal");
  EXPECT_EQ(read(), "one");
  append("f\n");
  EXPECT_EQ(read(), "half");
}

TEST_F(LogReader, FollowsARenamedLog) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".1");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogReader, FollowsSeveralRotationsBetweenTwoLooks) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".1");
  append("three\n");
  fs::rename(path() + ".1", path() + ".2");
  fs::rename(path(), path() + ".1");
  append("four\n");
  // Files on a coarse clock: each is younger than the one before.
  const auto now = fs::file_time_type::clock::now();
  fs::last_write_time(path() + ".2", now - std::chrono::seconds{3});
  fs::last_write_time(path() + ".1", now - std::chrono::seconds{2});
  EXPECT_EQ(read(), "two|three|four");
}

TEST_F(LogReader, FollowsALogThatIsCopiedAndTruncated) {
  append("one\n");
  read();
  append("two\n");
  fs::copy_file(path(), path() + ".1");
  fs::resize_file(path(), 0);
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogReader, ATruncatedLogThatGrewPastTheOldPlaceIsNoticed) {
  append("one\n");
  read();
  fs::resize_file(path(), 0);
  append("another beginning, and longer than before\n");
  EXPECT_EQ(read(), "another beginning, and longer than before");
}

TEST_F(LogReader, WhatIsRotatedOutOfReachIsToldOf) {
  append("one\n");
  read();
  append("two\n");
  fs::remove(path());
  append("three\n");
  EXPECT_EQ(read(), "three");
  EXPECT_TRUE(last.lost_some);
}

TEST_F(LogReader, AnotherLogOfTheFolderIsNoFormerFile) {
  append("one\n");
  read();
  append("two\n");
  for (const char* other : {"app-error.log", "application.log", "app-2.log", "app.log.bak"})
    scratch.write(other, "one\nof another\n");
  fs::rename(path(), path() + ".1");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogReader, WhatOnlyAnotherLogHoldsIsLost) {
  append("one\n");
  read();
  fs::rename(path(), scratch.path("app-error.log"));
  append("three\n");
  EXPECT_EQ(read(), "three");
  EXPECT_TRUE(last.lost_some);
}

TEST_F(LogReader, TheFileThatWasReadIsKnownAmongCopiesThatBeginAlike) {
  const std::string head(300, 'h');
  append(head + "\none\n");
  read();
  append("two\n");
  scratch.write("app.log.2", head + "\none\nof last week\n");
  fs::last_write_time(path() + ".2", fs::last_write_time(path()) - std::chrono::hours{24});
  fs::rename(path(), path() + ".1");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
}

TEST_F(LogReader, ACopyIsKnownByWhatIsBeforeThePlaceToo) {
  const std::string head(300, 'h');
  append(head + "\none\n");
  read();
  append("two\n");
  scratch.write("app.log.2", head + "\nabc\nof last week\n");
  fs::last_write_time(path() + ".2", fs::last_write_time(path()) - std::chrono::hours{24});
  fs::copy_file(path(), path() + ".1");
  fs::resize_file(path(), 0);
  append("three\n");
  EXPECT_EQ(read(), "two|three");
}

TEST_F(LogReader, ALogThatGrewAgainFromTheSameBeginningIsNoticed) {
  const std::string head(300, 'h');
  append(head + "\none\n");
  read();
  fs::resize_file(path(), 0);
  append(head + "\ntwo\nthree\n");
  EXPECT_EQ(read(), head + "|two|three");
  EXPECT_TRUE(last.lost_some);
}

TEST_F(LogReader, APlaceThatAFormerVersionNotedStillCounts) {
  append("one\n");
  read();
  position->tail.clear();
  append("two\n");
  EXPECT_EQ(read(), "two");
}

TEST_F(LogReader, ReadsNoMoreThanItsBoundAndGoesOnThere) {
  bounds.most_bytes = 64 << 10;
  append("first\n");
  read();
  const std::string line(1023, 'x');
  for (int i = 0; i < 300; ++i) append(line + "\n");
  std::uint64_t lines = 0;
  read();
  EXPECT_GT(last.left, 0U);
  lines += last.lines;
  for (int i = 0; i < 10 && last.left > 0; ++i) {
    read();
    lines += last.lines;
  }
  EXPECT_EQ(last.left, 0U);
  EXPECT_EQ(lines, 300U);
}

TEST_F(LogReader, TheBoundHoldsOverARotationToo) {
  bounds.most_bytes = 64 << 10;
  append("first\n");
  read();
  for (int i = 0; i < 200; ++i) append("old " + std::string(1000, 'x') + "\n");
  fs::rename(path(), path() + ".1");
  for (int i = 0; i < 100; ++i) append("new " + std::string(1000, 'x') + "\n");
  std::uint64_t lines = 0;
  int rounds = 0;
  do {
    read();
    lines += last.lines;
  } while (++rounds < 20 && (last.left > 0 || last.lines > 0));
  EXPECT_EQ(lines, 300U);
}

TEST_F(LogReader, ALineWithoutEndIsTakenInPieces) {
  bounds.longest_line = 1000;
  append("start\n");
  read();
  append(std::string(200'000, 'y'));
  read();
  EXPECT_GT(last.lines, 0U);
  append("\nend\n");
  EXPECT_NE(read().find("end"), std::string::npos);
}

TEST_F(LogReader, AtFirstItReadsTheEndAlone) {
  bounds.first_reading = 15;
  append("a very long first line of the log\nshort one\nlast one\n");
  EXPECT_EQ(read(), "last one");
}

TEST_F(LogReader, RefusesWhatIsNoFile) {
  ::mkfifo(path().c_str(), 0600);
  EXPECT_THROW(read(), IoError);
}

// The log kind on top of it.
class LogKind : public LogReader {
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

TEST_F(LogKind, AsksJsonLines) {
  append("plain text\n{\"level\":\"error\",\"n\":1}\n{\"level\":\"info\"}\n{broken\n");
  const Observation seen = run_check("json: '.level == \"error\"', warn_max: 0");
  EXPECT_EQ(seen.outcome, Outcome::warn);
  EXPECT_EQ(seen.values.at(0).number, 1);
  EXPECT_EQ(seen.values.at(1).number, 4);
}

TEST_F(LogKind, WhatIsNotReadProvesNothing) {
  append("x\n");
  run_check("max: 5000");
  for (int i = 0; i < 2000; ++i) append("line " + std::to_string(i) + "\n");
  const Observation behind = run_check("matches: error, max: 0, max_read: 4KiB");
  EXPECT_EQ(behind.outcome, Outcome::unknown) << behind.summary;
  EXPECT_EQ(behind.reason, Reason::prober);
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
