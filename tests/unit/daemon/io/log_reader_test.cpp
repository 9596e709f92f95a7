#include "daemon/io/log_reader.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>

#include "daemon/core/io_error.h"
#include "tests/support/growing_log.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

using LogReader = GrowingLog;

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
  EXPECT_EQ(last.why, "the log is another file now, and the one that was read is not found");
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
  fs::copy_file(path(), scratch.path("app-error.log"));
  fs::remove(path());
  append("three\n");
  EXPECT_EQ(read(), "three");
  EXPECT_TRUE(last.lost_some);
}

TEST_F(LogReader, FollowsTheLogUnderAnyNameInItsFolder) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), scratch.path("app-1130.old-name"));
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
  // Its program has not opened the log anew.
  std::ofstream(scratch.path("app-1130.old-name"), std::ios::app) << "late\n";
  EXPECT_EQ(read(), "late");
  append("four\n");
  EXPECT_EQ(read(), "four");
}

TEST_F(LogReader, AnotherNameOfTheLogItselfIsNotReadTwice) {
  append("one\n");
  read();
  fs::create_hard_link(path(), scratch.path("other name"));
  append("two\n");
  EXPECT_EQ(read(), "two");
  EXPECT_EQ(read(), "");
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
  EXPECT_EQ(last.why, "the log was emptied or written anew, and no copy of it is found");
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

TEST_F(LogReader, OfALineThatIsTooLongOnlyTheBeginningIsGiven) {
  bounds.longest_line = 3;
  append("one\nfour\nsix\r\n");
  EXPECT_EQ(read(), "one|fou...|six");
  EXPECT_EQ(last.lines, 3U);
}

TEST_F(LogReader, ALineThatIsTooLongIsOneLineHoweverItIsWritten) {
  bounds.longest_line = 1000;
  append("start\n");
  read();
  append(std::string(200'000, 'y'));
  EXPECT_EQ(read(), std::string(1000, 'y') + "...");
  EXPECT_EQ(read(), "");
  EXPECT_FALSE(last.unfinished);
  append(std::string(200'000, 'z'));
  EXPECT_EQ(read(), "");
  append("z\nend\n");
  EXPECT_EQ(read(), "end");
  // Its end is in a former file.
  append(std::string(2000, 'y'));
  EXPECT_EQ(read(), std::string(1000, 'y') + "...");
  append("more");
  fs::rename(path(), path() + ".1");
  append("new\n");
  EXPECT_EQ(read(), "new");
}

TEST_F(LogReader, ALineThatIsLongerThanOneReadingIsOneLine) {
  bounds.most_bytes = 1000;
  append("start\n");
  read();
  append(std::string(5000, 'y') + "\nend\n");
  EXPECT_EQ(read(), std::string(1000, 'y') + "...");
  std::string rest;
  for (int i = 0; i < 6; ++i) rest += read();
  EXPECT_EQ(rest, "end");
}

TEST_F(LogReader, GivesAnUnfinishedLineAtFirstAndWhenTheLogStaysAsItIs) {
  append("one\nhal");
  EXPECT_EQ(read(), "one");
  ASSERT_TRUE(last.unfinished);
  EXPECT_EQ(last.unfinished->text, "hal");
  append("f");
  EXPECT_EQ(read(), "");
  EXPECT_FALSE(last.unfinished) << "it grows";
  EXPECT_EQ(read(), "");
  ASSERT_TRUE(last.unfinished);
  EXPECT_EQ(last.unfinished->text, "half");
  EXPECT_EQ(last.lines, 0U);
  position = last.unfinished->behind;
  append(" of it\ntwo\n");
  EXPECT_EQ(read(), "two");
}

TEST_F(LogReader, AnUnfinishedLineThatIsLeftIsReadWhole) {
  append("one\nhal");
  read();
  read();
  append("f\n");
  EXPECT_EQ(read(), "half");
  EXPECT_FALSE(last.unfinished);
  append(std::string(10, '\0'));
  read();
  read();
  EXPECT_FALSE(last.unfinished) << "NULs are no line";
}

TEST_F(LogReader, ALogOfTheSameSizeThatWasWrittenLaterIsReadAnew) {
  append("one\ntwo\n");
  fs::last_write_time(path(), fs::last_write_time(path()) - std::chrono::seconds{60});
  read();
  bounds.now = position->changed + 3'000'000'000;
  EXPECT_EQ(read(), "");
  scratch.write("app.log", "one\ntwo\n");
  bounds.now = position->changed + 61'000'000'000;
  EXPECT_EQ(read(), "") << "it may be growing this moment";
  bounds.now += 10'000'000'000;
  EXPECT_EQ(read(), "one|two");
  EXPECT_FALSE(last.lost_some);
  EXPECT_EQ(read(), "");
  append("three\n");
  EXPECT_EQ(read(), "three");
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

}  // namespace
}  // namespace gonogo
