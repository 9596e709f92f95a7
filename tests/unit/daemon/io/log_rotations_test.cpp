// What logrotate 3.21.0, gzip 1.12 and Caddy 2.6.2 leave of a log, made by hand; the programs
// themselves are in tests/integration/log_test.py.
#include "daemon/io/log_rotations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tests/support/rotated_log.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

using LogRotations = RotatedLog;

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

TEST_F(LogRotations, ACopyWithOneMoreExtensionIsNotReadBesideItsFile) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".1");
  fs::copy_file(path() + ".1", path() + ".1.bak");
  append("three\n");
  EXPECT_EQ(read(), "two|three");
  pack(path() + ".1");
  position.reset();
  bounds.since = seconds_ago(600);
  EXPECT_EQ(read(), "one|two|three");
  // The control: as `addextension` leaves it.
  fs::remove(path() + ".1.gz");
  position.reset();
  EXPECT_EQ(read(), "one|two|three");
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

// Lines that say when they were written, one a second, the last of them now.

// Without a time, what is read first is what `first_reading` says.

// All that is left is read later, if the file in which reading stopped goes meanwhile.

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
      last = read_new_lines(log, at, bounds, [&](const LogLine& line) { lines += line.text; });
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

// Of a day when nothing was read, two files may have such names.

TEST_F(LogRotations, AFormerFileWithAnyNameIsTheLastOneWhenTheLogCameToBeThen) {
  constexpr std::int64_t second = 1'000'000'000;
  LogRotation rotation;
  rotation.renamed = 1000 * second;
  EXPECT_TRUE(is_next({1, 2, 1000 * second}, rotation));
  EXPECT_TRUE(is_next({1, 2, 1009 * second}, rotation));
  EXPECT_TRUE(is_next({1, 2, 900 * second}, rotation)) << "it was written to later";
  EXPECT_FALSE(is_next({1, 2, 1011 * second}, rotation));
}

TEST_F(LogRotations, SaysWhichFileIsKnownByWhatItIsAlone) {
  append("one\n");
  read();
  fs::rename(path(), scratch.path("odd name"));
  append("two\n");
  scratch.write("app.log.1", "three\n");
  LogSearch search;
  search.files = {position->file};
  const FoundRotations found = rotations_of(path(), search);
  ASSERT_EQ(found.files.size(), 2U);
  for (const LogRotation& each : found.files) {
    EXPECT_EQ(each.has_other_name, each.path == scratch.path("odd name")) << each.path;
    EXPECT_GE(each.renamed, each.changed);
  }
  EXPECT_EQ(rotations_of(path(), {}).files.size(), 1U);
}

}  // namespace
}  // namespace gonogo
