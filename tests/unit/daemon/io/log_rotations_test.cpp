// What logrotate 3.21.0, gzip 1.12 and Caddy 2.6.2 leave of a log, made by hand; the programs
// themselves are in tests/integration/log_test.py.
#include "daemon/io/log_rotations.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>

#include "tests/support/growing_log.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

class LogRotations : public GrowingLog {
 protected:
  // As gzip does it: the time of the last line is kept.
  void pack(const std::string& from, const std::string& to) const {
    const auto written = fs::last_write_time(from);
    const gzFile file = gzopen(to.c_str(), "wb");
    const std::string text = read_all(from);
    ASSERT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())),
              static_cast<int>(text.size()));
    ASSERT_EQ(gzclose(file), Z_OK);
    fs::last_write_time(to, written);
    fs::remove(from);
  }
  void pack(const std::string& path) const { pack(path, path + ".gz"); }
  // Lies so far back that what is made now is younger.
  static void make_older(const std::string& path, int seconds) {
    fs::last_write_time(path, fs::file_time_type::clock::now() - std::chrono::seconds{seconds});
  }
  static std::int64_t seconds_ago(int seconds) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count() -
           std::int64_t{seconds} * 1'000'000'000;
  }
};

TEST_F(LogRotations, ReadsTheRestOfAFileThatWasPacked) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".1");
  pack(path() + ".1");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
  EXPECT_EQ(read(), "");
}

TEST_F(LogRotations, ReadsSeveralPackedFiles) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".3");
  make_older(path() + ".3", -1);
  pack(path() + ".3");
  scratch.write("app.log.2", "three\n");
  make_older(path() + ".2", -2);
  pack(path() + ".2");
  scratch.write("app.log.1", "four\n");
  make_older(path() + ".1", -3);
  append("five\n");
  EXPECT_EQ(read(), "two|three|four|five");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, ReadsWhatCaddyPacksAtOnceWhateverIsPackedFirst) {
  append("one\n");
  read();
  append("two\n");
  const std::string first = scratch.path("app-2026-11-28T02-16-17.624.log");
  const std::string second = scratch.path("app-2026-11-28T02-16-18.001.log");
  fs::rename(path(), first);
  scratch.write("app-2026-11-28T02-16-18.001.log", "three\n");
  append("four\n");
  pack(second);
  pack(first);
  make_older(first + ".gz", -2);
  make_older(second + ".gz", -1);
  EXPECT_EQ(read(), "two|three|four");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, ReadsAFileOnceThatIsThereTwiceWhileItIsPacked) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".1");
  scratch.write("app.log.1.gz", "\x1f\x8b");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, FollowsTheLogIntoAnotherFolder) {
  for (const bool is_packed : {false, true}) {
    fs::create_directories(scratch.path("old"));
    append("one\n");
    read();
    append("two\n");
    const std::string moved = scratch.path("old/app.log.1");
    fs::rename(path(), moved);
    if (is_packed) pack(moved);
    append("three\n");
    EXPECT_EQ(read(), "two|three") << is_packed;
    EXPECT_FALSE(last.lost_some);
    fs::remove_all(scratch.path("old"));
  }
}

TEST_F(LogRotations, FollowsTheLogIntoAFolderThatIsGiven) {
  const Scratch other;
  bounds.folders = {other.path("archive")};
  fs::create_directories(other.path("archive"));
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), other.path("archive/app.log.1"));
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, AFolderWithALogOfTheSameNameIsThatLogs) {
  fs::create_directories(scratch.path("worker"));
  append("one\n");
  read();
  append("two\n");
  scratch.write("worker/app.log", "of the worker\n");
  scratch.write("worker/app.log.1", "of the worker\n");
  fs::remove(path());
  append("three\n");
  EXPECT_EQ(read(), "three");
  EXPECT_TRUE(last.lost_some);
}

TEST_F(LogRotations, ReadsWhatIsLeftWhereTheFileThatWasReadIsGone) {
  append("one\n");
  make_older(path(), 60);
  read();
  append("two\n");
  fs::remove(path());
  scratch.write("app.log.2", "three\n");
  pack(path() + ".2");
  scratch.write("app.log.1", "four\n");
  make_older(path() + ".1", -1);
  append("five\n");
  EXPECT_EQ(read(), "three|four|five");
  EXPECT_TRUE(last.lost_some);
  EXPECT_EQ(read(), "");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, ReadsTheCopyOfALogThatWasEmptyAtTheBaseline) {
  for (const bool is_packed : {false, true}) {
    append("");
    make_older(path(), 60);
    scratch.write("app.log.2", "of last week\n");
    make_older(path() + ".2", 90);
    position.reset();
    EXPECT_EQ(read(), "");
    append("error: two\n");
    fs::copy_file(path(), path() + ".1");
    if (is_packed) pack(path() + ".1");
    fs::resize_file(path(), 0);
    EXPECT_EQ(read(), "error: two") << is_packed;
    EXPECT_FALSE(last.lost_some);
    EXPECT_EQ(read(), "");
    append("three\n");
    EXPECT_EQ(read(), "three");
    for (const char* name : {"app.log", "app.log.1", "app.log.1.gz"})
      fs::remove(scratch.path(name));
  }
}

TEST_F(LogRotations, ReadsTheCopyOfAnEmptyLogAndWhatCameBehindIt) {
  append("");
  make_older(path(), 60);
  read();
  append("two\n");
  fs::copy_file(path(), path() + ".1");
  fs::resize_file(path(), 0);
  append("three\nand a longer line than before\n");
  EXPECT_EQ(read(), "two|three|and a longer line than before");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, ALogThatGrewAgainFromTheSameLinesIsKnownByItsCopy) {
  append("error\nerror\n");
  make_older(path(), 60);
  EXPECT_EQ(read(), "error|error");
  append("error\nerror\n");
  fs::copy_file(path(), path() + ".1");
  fs::resize_file(path(), 0);
  append("error\nerror\nerror\n");
  EXPECT_EQ(read(), "error|error|error|error|error");
}

// logrotate's `copy`, and people.
TEST_F(LogRotations, ACopyOfALogThatGoesOnIsNotReadAgain) {
  append("one\n");
  make_older(path(), 60);
  read();
  append("two\n");
  fs::copy_file(path(), path() + ".1");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
  append("four\n");
  EXPECT_EQ(read(), "four");
}

TEST_F(LogRotations, ACopyOfALogThatWasEmptyIsNotReadAgain) {
  append("");
  make_older(path(), 60);
  read();
  append("two\n");
  fs::copy_file(path(), path() + ".1");
  EXPECT_EQ(read(), "two");
  EXPECT_EQ(read(), "");
}

TEST_F(LogRotations, AnEmptyLogThatWasPackedAsItWasHadNothingToLose) {
  append("");
  make_older(path(), 60);
  read();
  fs::rename(path(), path() + ".1");
  pack(path() + ".1");
  append("three\n");
  EXPECT_EQ(read(), "three");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, ReadsWhatIsWrittenToAFormerFileUntilTheLogIsOpenedAnew) {
  append("one\n");
  read();
  fs::rename(path(), path() + ".1");
  append("");
  EXPECT_EQ(read(), "");
  std::ofstream(path() + ".1", std::ios::app) << "late\n";
  EXPECT_EQ(read(), "late");
  append("three\n");
  std::ofstream(path() + ".1", std::ios::app) << "later\n";
  EXPECT_EQ(read(), "later|three");
  EXPECT_EQ(read(), "");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, TheLastLineOfAFormerFileCountsWithoutItsEnd) {
  append("one\n");
  read();
  append("two");
  fs::rename(path(), path() + ".1");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
}

// copytruncate under a writer without O_APPEND: it goes on where it was.
TEST_F(LogRotations, ReadsTheLineBehindTheNuls) {
  for (const std::size_t size : {std::size_t{10}, std::size_t{5000}, std::size_t{300'000}}) {
    position.reset();
    append(std::string(size - 1, 'x') + "\n");
    read();
    fs::copy_file(path(), path() + ".1");
    fs::resize_file(path(), 0);
    fs::resize_file(path(), size);
    append("error behind it\n");
    EXPECT_EQ(read(), "error behind it") << size;
    EXPECT_EQ(last.lines, 1U);
    append("one more\n");
    EXPECT_EQ(read(), "one more");
    fs::remove(path());
    fs::remove(path() + ".1");
  }
}

TEST_F(LogRotations, NulsThatAreWrittenAreNoLine) {
  append("one\n");
  read();
  fs::remove(path());
  append(std::string(200'000, '\0') + "error behind it\n" + std::string(70'000, '\0') + "more\n");
  EXPECT_EQ(read(), "error behind it|more");
  EXPECT_EQ(last.lines, 2U);
}

TEST_F(LogRotations, AHoleIsNotRead) {
  append("");
  read();
  fs::resize_file(path(), std::uintmax_t{4} << 30);
  append("error behind it\n");
  EXPECT_EQ(read(), "error behind it");
  EXPECT_EQ(last.left, 0U);
  position.reset();
  bounds.first_reading = 64 << 10;
  EXPECT_EQ(read(), "error behind it");
}

TEST_F(LogRotations, AFirstReadingFindsALineEndFarFromItsBeginning) {
  append(std::string(300'000, 'x') + "\nlast\n");
  bounds.first_reading = 200'000;
  EXPECT_EQ(read(), "last");
}

TEST_F(LogRotations, WhatIsPackedOtherwiseIsNamed) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".1.xz");
  append("three\n");
  EXPECT_EQ(read(), "three");
  EXPECT_TRUE(last.lost_some);
  EXPECT_EQ(last.unreadable, path() + ".1.xz is packed, and not by gzip");
}

TEST_F(LogRotations, ABrokenPackedFileIsNamed) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919) + "\n";
  append(text);
  bounds.first_reading = 1000;
  bounds.most_bytes = 100;
  fs::copy_file(path(), path() + ".1");
  read();
  bounds.most_bytes = 16 << 20;
  fs::rename(path(), path() + ".2");
  fs::remove(path() + ".1");
  append("three\n");
  pack(path() + ".2");
  fs::resize_file(path() + ".2.gz", fs::file_size(path() + ".2.gz") - 3);
  read();
  EXPECT_TRUE(last.lost_some);
  EXPECT_EQ(last.unreadable, path() + ".2.gz is broken");
}

TEST_F(LogRotations, TheBoundHoldsInAPackedFileAndReadingGoesOnThere) {
  bounds.most_bytes = 64 << 10;
  append("first\n");
  read();
  for (int i = 0; i < 200; ++i) append("old " + std::string(1000, 'x') + "\n");
  fs::rename(path(), path() + ".1");
  pack(path() + ".1");
  for (int i = 0; i < 100; ++i) append("new " + std::string(1000, 'x') + "\n");
  std::uint64_t lines = 0;
  int rounds = 0;
  do {
    read();
    lines += last.lines;
    EXPECT_FALSE(last.lost_some);
  } while (++rounds < 20 && (last.left > 0 || last.lines > 0));
  EXPECT_EQ(lines, 300U);
}

TEST_F(LogRotations, ManyFormerFilesAreReadInSeveralReadings) {
  append("first\n");
  read();
  const auto now = fs::file_time_type::clock::now();
  fs::rename(path(), path() + ".150");
  for (int i = 149; i > 0; --i) {
    const std::string name = "app.log." + std::to_string(i);
    scratch.write(name, std::to_string(i) + "\n");
    fs::last_write_time(scratch.path(name), now + std::chrono::milliseconds{1000 - i});
  }
  append("last\n");
  const std::string all = read() + "|" + read();
  EXPECT_EQ(std::count(all.begin(), all.end(), '|'), 149);
  EXPECT_EQ(all.substr(0, 11), "149|148|147");
  EXPECT_EQ(all.substr(all.size() - 8), "2|1|last");
  EXPECT_EQ(last.left, 0U);
}

TEST_F(LogRotations, AFirstReadingGoesBackOverFormerFilesOfItsTime) {
  scratch.write("app.log.3", "too old\n");
  make_older(path() + ".3", 3600);
  pack(path() + ".3");
  scratch.write("app.log.2", "two\n");
  make_older(path() + ".2", 300);
  pack(path() + ".2");
  scratch.write("app.log.1", "three\n");
  make_older(path() + ".1", 200);
  append("four\n");
  bounds.since = seconds_ago(600);
  EXPECT_EQ(read(), "two|three|four");
  EXPECT_EQ(read(), "");
  position.reset();
  bounds.first_reading = 8;
  EXPECT_EQ(read(), "four") << "the bound is for all of them";
}

TEST_F(LogRotations, AFirstReadingTakesNothingOfALogThatWasWrittenBeforeItsTime) {
  append("old\n");
  make_older(path(), 3600);
  bounds.since = seconds_ago(600);
  EXPECT_EQ(read(), "");
  append("new\n");
  EXPECT_EQ(read(), "new");
}

// Lines that say when they were written, one a second, the last of them now.
std::string timed_lines(int count, std::int64_t now_in_ns, const std::string& more) {
  std::string text;
  for (int i = count - 1; i >= 0; --i) {
    const std::int64_t seconds = now_in_ns / 1'000'000'000 - i;
    text +=
        "{\"ts\":" + std::to_string(seconds) + "," + more + "\"n\":" + std::to_string(i) + "}\n";
  }
  return text;
}

TEST_F(LogRotations, AFirstReadingTakesNoLineThatSaysItIsOlder) {
  append(timed_lines(2000, seconds_ago(0), "") + "no time\n");
  bounds.since = seconds_ago(100);
  const std::string lines = read();
  EXPECT_NE(lines.find("\"n\":99}"), std::string::npos);
  EXPECT_EQ(lines.find("\"n\":110}"), std::string::npos);
  EXPECT_NE(lines.find("no time"), std::string::npos);
  EXPECT_FALSE(last.falls_short);
  append(timed_lines(1, seconds_ago(5000), ""));
  read();
  EXPECT_EQ(last.lines, 1U) << "what is added later has come later";
}

TEST_F(LogRotations, AFirstReadingGoesBackAsFarAsTheLinesAreOfItsTime) {
  append(timed_lines(2000, seconds_ago(0), "\"x\":\"" + std::string(100, 'x') + "\","));
  bounds.first_reading = 10'000;
  bounds.since = seconds_ago(1000);
  const std::string lines = read();
  EXPECT_NE(lines.find("\"n\":999}"), std::string::npos);
  EXPECT_EQ(lines.find("\"n\":1010}"), std::string::npos);
  EXPECT_FALSE(last.falls_short);
  // Over a former file, too.
  fs::rename(path(), path() + ".1");
  pack(path() + ".1");
  append(timed_lines(1, seconds_ago(0), ""));
  position.reset();
  EXPECT_NE(read().find("\"n\":999}"), std::string::npos);
  EXPECT_FALSE(last.falls_short);
}

TEST_F(LogRotations, AFirstReadingThatDoesNotReachBackSaysSo) {
  append(timed_lines(2000, seconds_ago(0), "\"x\":\"" + std::string(100, 'x') + "\","));
  bounds.first_reading = 10'000;
  bounds.most_bytes = 50'000;
  bounds.since = seconds_ago(1000);
  read();
  EXPECT_TRUE(last.falls_short);
  EXPECT_EQ(last.left, 0U);
  read();
  EXPECT_FALSE(last.falls_short);
  position.reset();
  bounds.since = seconds_ago(60);
  read();
  EXPECT_FALSE(last.falls_short);
}

// Without a time, what is read first is what `first_reading` says.
TEST_F(LogRotations, LinesWithoutTimesAreReadAsFarAsIsAsked) {
  for (int i = 0; i < 2000; ++i) append("line " + std::to_string(i) + "\n");
  bounds.first_reading = 1000;
  bounds.since = seconds_ago(1000);
  read();
  EXPECT_LT(last.bytes, 1001U);
  EXPECT_FALSE(last.falls_short);
}

// All that is left is read later, if the file in which reading stopped goes meanwhile.
TEST_F(LogRotations, WhatCameAfterTheBoundIsReadEvenIfItsFileIsGone) {
  bounds.most_bytes = 1000;
  append("first\n");
  make_older(path(), 60);
  read();
  append(std::string(900, 'x') + "\n" + std::string(900, 'x') + "\n");
  fs::rename(path(), path() + ".2");
  make_older(path() + ".2", 50);
  scratch.write("app.log.1", "two\n");
  append("three\n");
  read();
  EXPECT_GT(last.left, 0U);
  fs::remove(path() + ".2");
  EXPECT_EQ(read(), "two|three");
  EXPECT_TRUE(last.lost_some);
}

TEST_F(LogRotations, FollowsALinkToALogThatIsRotated) {
  const Scratch other;
  fs::create_symlink(other.path("pay.log"), path());
  append("one\n");
  read();
  append("two\n");
  fs::rename(other.path("pay.log"), other.path("pay.log.1"));
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

// As rotatelogs and winston do it: the link leads to the file of today.
TEST_F(LogRotations, FollowsALinkThatLeadsToAnotherFile) {
  const Scratch other;
  fs::create_symlink(other.path("monday"), path());
  append("one\n");
  read();
  append("two\n");
  fs::remove(path());
  fs::create_symlink(other.path("tuesday"), path());
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

// As delaycompress does it.
TEST_F(LogRotations, AFormerFileThatIsPackedLaterIsNotReadAgain) {
  for (const bool is_empty : {true, false}) {
    position.reset();
    append("one\n");
    make_older(path(), 60);
    read();
    append("two\n");
    make_older(path(), 55);
    fs::rename(path(), path() + ".1");
    append(is_empty ? "" : "new\n");
    make_older(path(), 50);
    EXPECT_EQ(read(), is_empty ? "two" : "two|new");
    pack(path() + ".1", path() + ".2.gz");
    EXPECT_EQ(read(), "");
    append("three\n");
    EXPECT_EQ(read(), "three");
    EXPECT_FALSE(last.lost_some);
    fs::remove(path());
    fs::remove(path() + ".2.gz");
  }
}

// Logs that repeat themselves: the copy is not the former file that has the same text.
TEST_F(LogRotations, AFileWithTheSameTextAsAFormerOneIsReadAll) {
  append("");
  make_older(path(), 60);
  read();
  for (int i = 0; i < 3; ++i) {
    append("error\nerror\n");
    make_older(path(), 50 - 10 * i);
    const std::string copy = path() + "." + std::to_string(9 - i);
    fs::copy_file(path(), copy);
    make_older(copy, 50 - 10 * i);
    if (i == 1) pack(copy);
    fs::resize_file(path(), 0);
    make_older(path(), 49 - 10 * i);
    EXPECT_EQ(read(), "error|error") << i;
    EXPECT_FALSE(last.lost_some);
  }
}

// The number of a file that is gone is given to the next one.
TEST_F(LogRotations, AnotherFileWithTheSameInodeIsAnother) {
  append("");
  make_older(path(), 60);
  read();
  const std::uint64_t inode = position->file.inode;
  append("two\n");
  fs::rename(path(), path() + ".1");
  pack(path() + ".1");
  append("three\n");
  position->file.inode = inode;
  EXPECT_EQ(read(), "two|three");
  EXPECT_FALSE(last.lost_some);
}

TEST_F(LogRotations, StemsMayBeShort) {
  for (const char* name : {"a.log", "ab.log", "a", "ab"}) {
    const std::string log = scratch.path(name);
    const std::string stem = std::string(name).substr(0, std::string(name).find('.'));
    const std::string ending = log.ends_with(".log") ? ".log" : "";
    std::optional<LogPosition> at;
    std::string lines;
    const auto go = [&] {
      last = read_new_lines(log, at, bounds, [&](std::string_view line) { lines += line; });
      at = last.position;
    };
    std::ofstream(log) << "one\n";
    go();
    std::ofstream(log, std::ios::app) << "two\n";
    const std::string moved = scratch.path(stem + "-2026-11-28T02-16-17.624" + ending);
    fs::rename(log, moved);
    pack(moved);
    std::ofstream(log) << "three\n";
    go();
    EXPECT_EQ(lines, "onetwothree") << name;
    EXPECT_FALSE(last.lost_some) << name;
  }
}

}  // namespace
}  // namespace gonogo
