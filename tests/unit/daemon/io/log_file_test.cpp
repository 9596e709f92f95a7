#include "daemon/io/log_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include "tests/support/rotated_log.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

using LogFiles = RotatedLog;

TEST_F(LogFiles, ReadsTheLineBehindTheNuls) {
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

TEST_F(LogFiles, NulsThatAreWrittenAreNoLine) {
  append("one\n");
  read();
  fs::remove(path());
  append(std::string(200'000, '\0') + "error behind it\n" + std::string(70'000, '\0') + "more\n");
  EXPECT_EQ(read(), "error behind it|more");
  EXPECT_EQ(last.lines, 2U);
}

TEST_F(LogFiles, AHoleIsNotRead) {
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

TEST_F(LogFiles, AFirstReadingFindsALineEndFarFromItsBeginning) {
  append(std::string(300'000, 'x') + "\nlast\n");
  bounds.first_reading = 200'000;
  EXPECT_EQ(read(), "last");
}

TEST_F(LogFiles, WhatIsPackedOtherwiseIsNamed) {
  append("one\n");
  read();
  append("two\n");
  fs::rename(path(), path() + ".1.xz");
  append("three\n");
  EXPECT_EQ(read(), "three");
  EXPECT_TRUE(last.lost_some);
  EXPECT_EQ(last.why, "the log is another file now, and the one that was read is not found; " +
                          path() + ".1.xz is packed, and not by gzip");
}

TEST_F(LogFiles, ABrokenPackedFileIsNamed) {
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
  EXPECT_EQ(last.why, path() + ".2.gz is broken");
}

TEST_F(LogFiles, TheBoundHoldsInAPackedFileAndReadingGoesOnThere) {
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

TEST_F(LogFiles, APackedFileIsReadFromAnywhere) {
  std::string text;
  while (text.size() < 40'000'000) text += std::to_string(text.size()) + std::string(2000, 'x');
  scratch.write("app.log.1", text);
  pack(path() + ".1");
  LogFile file(path() + ".1.gz", Packing::gzip);
  const std::uint64_t end = text.size();
  const std::vector<std::uint64_t> places{0,       5, end / 2, end - 20'000'000, end - 300'000,
                                          end - 3, 7};
  for (const std::uint64_t at : places) EXPECT_EQ(file.read(at, 5000), text.substr(at, 5000)) << at;
  EXPECT_EQ(file.size(), end);
  for (const std::uint64_t at : places) EXPECT_EQ(file.read(at, 5000), text.substr(at, 5000)) << at;
  EXPECT_EQ(file.read(end, 5000), "");
  EXPECT_EQ(file.read(end + 5000, 5000), "");
  EXPECT_TRUE(file.is_whole());
}

TEST_F(LogFiles, ManyFormerFilesAreReadInSeveralReadings) {
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
  std::string all = read();
  all += "|" + read();
  EXPECT_EQ(std::count(all.begin(), all.end(), '|'), 149);
  EXPECT_EQ(all.substr(0, 11), "149|148|147");
  EXPECT_EQ(all.substr(all.size() - 8), "2|1|last");
  EXPECT_EQ(last.left, 0U);
}

TEST_F(LogFiles, AFirstReadingGoesBackOverFormerFilesOfItsTime) {
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
  bounds.most_bytes = 8;
  EXPECT_EQ(read(), "four") << "the bound is for all of them";
  EXPECT_TRUE(last.falls_short);
}

TEST_F(LogFiles, AFirstReadingTakesNothingOfALogThatWasWrittenBeforeItsTime) {
  append("old\n");
  make_older(path(), 3600);
  bounds.since = seconds_ago(600);
  EXPECT_EQ(read(), "");
  append("new\n");
  EXPECT_EQ(read(), "new");
}

std::string timed_lines(int count, std::int64_t now_in_ns, const std::string& more) {
  std::string text;
  for (int i = count - 1; i >= 0; --i) {
    const std::int64_t seconds = now_in_ns / 1'000'000'000 - i;
    text +=
        "{\"ts\":" + std::to_string(seconds) + "," + more + "\"n\":" + std::to_string(i) + "}\n";
  }
  return text;
}

TEST_F(LogFiles, AFirstReadingTakesNoLineThatSaysItIsOlder) {
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

TEST_F(LogFiles, AFirstReadingGoesBackAsFarAsTheLinesAreOfItsTime) {
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

TEST_F(LogFiles, AFirstReadingThatDoesNotReachBackSaysSo) {
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

TEST_F(LogFiles, WhatCameAfterTheBoundIsReadEvenIfItsFileIsGone) {
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

}  // namespace
}  // namespace gonogo
