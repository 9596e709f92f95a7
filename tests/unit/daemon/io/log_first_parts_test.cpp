// How far the first reading goes back, and what it says when that is not far enough.
#include "daemon/io/log_first_parts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <ctime>

#include "tests/support/rotated_log.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

class LogFirstParts : public RotatedLog {
 protected:
  LogFirstParts() {
    bounds.since = seconds_ago(3600);
    bounds.now = seconds_ago(0);
    bounds.first_reading = 4000;
    bounds.most_bytes = 16'000;
  }

  // A time of now but for `seconds`, in UTC.
  static std::string written(const char* form, int seconds, bool is_local = false) {
    const std::time_t time = std::time(nullptr) - seconds;
    std::tm parts{};
    if (is_local) {
      ::localtime_r(&time, &parts);
    } else {
      ::gmtime_r(&time, &parts);
    }
    char text[100] = {};
    std::strftime(text, sizeof text, form, &parts);
    return text;
  }
  // An error before the lines that one reading holds.
  void fill(const std::string& first, const std::string& other) {
    fs::remove(path());
    append(first + " ERROR payment\n");
    for (int i = 0; i < 300; ++i) append(other + " fine " + std::string(90, 'x') + "\n");
  }
  bool finds(const std::string& text) {
    position.reset();
    return read().find(text) != std::string::npos;
  }
};

TEST_F(LogFirstParts, ATimeWithoutAZoneDoesNotProveThatAllIsRead) {
  const char* form = "%Y-%m-%d %H:%M:%S,000";
  fill(written(form, 1200), written(form, 600));
  EXPECT_FALSE(finds("ERROR"));
  EXPECT_TRUE(last.falls_short);
  bounds.most_bytes = 1 << 20;
  EXPECT_TRUE(finds("ERROR"));
  EXPECT_FALSE(last.falls_short);
  // Of long ago wherever it was written.
  bounds.most_bytes = 16'000;
  fill(written(form, 200'000), written(form, 100'000));
  append(written(form, 10) + " last\n");
  EXPECT_FALSE(finds("nothing"));
  EXPECT_FALSE(last.falls_short);
}

TEST_F(LogFirstParts, ATimeWithoutAZoneIsReadAsUtcAndAsTheHostHasIt) {
  ::setenv("TZ", "Etc/GMT+9", 1);  // 9 hours behind UTC
  ::tzset();
  const char* form = "%Y-%m-%d %H:%M:%S";
  fill(written(form, 1200, true), written(form, 600, true));
  finds("ERROR");
  EXPECT_TRUE(last.falls_short) << "as the host has it";
  ::unsetenv("TZ");
  ::tzset();
  finds("ERROR");
  EXPECT_FALSE(last.falls_short) << "it is 9 hours old in UTC";
}

TEST_F(LogFirstParts, WithoutATimeAllIsReadOrItFallsShort) {
  fill("no time", "no time");
  EXPECT_FALSE(finds("ERROR"));
  EXPECT_TRUE(last.falls_short);
  EXPECT_GT(last.bytes, 15'000U) << "as much as one reading may read";
  bounds.most_bytes = 1 << 20;
  EXPECT_TRUE(finds("ERROR"));
  EXPECT_FALSE(last.falls_short);
}

TEST_F(LogFirstParts, KnowsTheTimesOfManyPrograms) {
  bounds.most_bytes = 1 << 20;
  for (const char* form :
       {"%b %e %H:%M:%S host app[1]:", "[%a %b %d %H:%M:%S.000000 %Y]", "E%m%d %H:%M:%S.000000",
        "INFO %Y-%m-%dT%H:%M:%SZ", "time=%Y-%m-%dT%H:%M:%SZ", "[info] %Y/%m/%d %H:%M:%S"}) {
    fill(written(form, 1200), written(form, 600));
    EXPECT_TRUE(finds("ERROR")) << form;
    // What is older than the window in every zone needs no reading.
    fill(written(form, 300'000), written(form, 200'000));
    append(written(form, 0) + " last\n");
    EXPECT_FALSE(finds("ERROR")) << form;
    EXPECT_FALSE(last.falls_short) << form;
    EXPECT_LT(last.bytes, 5000U) << form;
  }
}

TEST_F(LogFirstParts, MoreFormerFilesThanAreOpenedFallShort) {
  append("fine\n");
  for (int i = 1; i < 150; ++i) {
    scratch.write("app.log." + std::to_string(i), i == 149 ? "ERROR\n" : "fine\n");
    make_older(path() + "." + std::to_string(i), i);
  }
  EXPECT_FALSE(finds("ERROR"));
  EXPECT_TRUE(last.falls_short);
  EXPECT_EQ(last.why, "there are more than 100 former files of that time");
  for (int i = 90; i < 150; ++i) fs::remove(path() + "." + std::to_string(i));
  finds("ERROR");
  EXPECT_FALSE(last.falls_short);
}

TEST_F(LogFirstParts, AFolderThatIsNotThereFallsShort) {
  append("fine\n");
  finds("ERROR");
  EXPECT_FALSE(last.falls_short);
  bounds.folders = {"/nonexistent/archive"};
  finds("ERROR");
  EXPECT_TRUE(last.falls_short);
  EXPECT_EQ(last.why, "/nonexistent/archive: No such file or directory");
  scratch.write("no-folder", "");
  bounds.folders = {"no-folder"};
  finds("ERROR");
  EXPECT_EQ(last.why, scratch.path("no-folder") + ": Not a directory");
}

TEST_F(LogFirstParts, AFormerFileOfWhichNothingIsKnownFallsShort) {
  append("fine\n");
  fs::create_symlink("nowhere", path() + ".1");
  finds("ERROR");
  EXPECT_FALSE(last.falls_short) << "it is gone";
  fs::create_symlink("app.log.2", path() + ".2");
  finds("ERROR");
  EXPECT_TRUE(last.falls_short);
  EXPECT_EQ(last.why, path() + ".2: Too many levels of symbolic links");
}

TEST_F(LogFirstParts, AFolderThatIsNotThereIsNotNeededWhereTheLogReachesBackByItself) {
  bounds.folders = {"/nonexistent/archive"};
  append(written("%Y-%m-%dT%H:%M:%SZ old\n", 5000) + written("%Y-%m-%dT%H:%M:%SZ new\n", 100));
  EXPECT_FALSE(finds("old"));
  EXPECT_FALSE(last.falls_short);
  EXPECT_EQ(last.why, "");
  scratch.write("app.log.1", written("%Y-%m-%dT%H:%M:%SZ old\n", 5000) + "ERROR\n");
  fs::remove(path());
  append(written("%Y-%m-%dT%H:%M:%SZ new\n", 100));
  EXPECT_TRUE(finds("ERROR"));
  EXPECT_FALSE(last.falls_short);
}

TEST_F(LogFirstParts, AFormerFileThatCannotBeReadIsNamed) {
  append("fine\n");
  scratch.write("app.log.1.xz", "zz");
  finds("ERROR");
  EXPECT_TRUE(last.falls_short);
  EXPECT_FALSE(last.lost_some) << "nothing was rotated away from under a reading";
  EXPECT_EQ(last.why, path() + ".1.xz is packed, and not by gzip");
}

// logrotate's `copy`.
TEST_F(LogFirstParts, ACopyOfTheLogIsNoFormerFile) {
  append("ok one\nok two\n");
  fs::copy_file(path(), path() + ".1");
  append("ok three\n");
  EXPECT_EQ(read(), "ok one|ok two|ok three");
  pack(path() + ".1");
  position.reset();
  EXPECT_EQ(read(), "ok one|ok two|ok three");
}

TEST_F(LogFirstParts, ACopyOfALogThatWasEmptiedIsAFormerFile) {
  append("ok one\nok two\n");
  fs::copy_file(path(), path() + ".1");
  fs::resize_file(path(), 0);
  append("ok three\nok four and more\n");
  EXPECT_EQ(read(), "ok one|ok two|ok three|ok four and more");
}

TEST_F(LogFirstParts, AFormerFileThatBeginsAsTheLogDoesIsNoCopy) {
  append("start\n");
  make_older(path(), 60);
  fs::rename(path(), path() + ".1");
  append("start\nmore\n");
  EXPECT_EQ(read(), "start|start|more");
  pack(path() + ".1");
  position.reset();
  EXPECT_EQ(read(), "start|start|more");
}

TEST_F(LogFirstParts, LinesAreTooOldOnlyBeforeTheFirstOfTheAskedTime) {
  const char* form = "%Y-%m-%dT%H:%M:%SZ";
  append(written(form, 90'000) + " old\n" + written(form, 100) + " new\n" +
         "2025-01-01 10:00:00 is an invalid date: ERROR\n");
  EXPECT_FALSE(finds("old"));
  EXPECT_TRUE(finds("ERROR"));
}

TEST_F(LogFirstParts, TimesThatDoNotFitTheFileAreNotThoseOfItsLines) {
  for (const char* line :
       {"{\"level\":\"error\",\"msg\":\"booking failed\",\"time\":\"2020-01-01T10:00:00Z\"}",
        "{\"level\":\"error\",\"time\":1500000000}",
        "2025-01-01 10:00:00 is an invalid delivery date: ERROR booking 5"}) {
    fs::remove(path());
    append(std::string(line) + "\n");
    EXPECT_TRUE(finds(line)) << line;
    EXPECT_EQ(last.lines, 1U);
    // Nor do they prove that all is read.
    for (int i = 0; i < 300; ++i) append(std::string(line) + std::string(20, ' ') + "\n");
    finds("ERROR");
    EXPECT_TRUE(last.falls_short) << line;
    make_older(path(), 90'000);
    EXPECT_FALSE(finds(line)) << line;
  }
}

TEST_F(LogFirstParts, OneLineWithoutATimeDoesNotProveTheTimesOfTheOthers) {
  append("{\"level\":\"error\",\"date\":\"2020-01-01T10:00:00Z\"}\n{\"level\":\"info\"}\n");
  EXPECT_TRUE(finds("error"));
  EXPECT_EQ(last.lines, 2U);
  // Nor does one that is to come.
  append("{\"level\":\"info\",\"date\":\"2100-01-01T10:00:00Z\"}\n");
  EXPECT_TRUE(finds("error"));
  EXPECT_EQ(last.lines, 3U);
}

// By copytruncate, in the night: its time is not that of its last line.
TEST_F(LogFirstParts, AFormerFileThatWasMadeAtOnceMayHoldOldLines) {
  const char* form = "%Y-%m-%dT%H:%M:%SZ";
  scratch.write("app.log.1", written(form, 50'000) + " ERROR\n" + written(form, 40'000) + " x\n");
  append("");
  EXPECT_FALSE(finds("ERROR"));
  EXPECT_FALSE(last.falls_short);
  append(written(form, 10) + " new\n");
  EXPECT_FALSE(finds("ERROR"));
  EXPECT_TRUE(finds("new"));
}

TEST_F(LogFirstParts, ALogThatIsOlderThanTheWindowHasAllOfItHoweverLongItIs) {
  fill("no time", "no time");
  make_older(path(), 7200);
  finds("ERROR");
  EXPECT_EQ(last.lines, 0U);
  EXPECT_FALSE(last.falls_short);
  bounds.folders = {"/nonexistent/archive"};
  finds("ERROR");
  EXPECT_FALSE(last.falls_short);
  append("new\n");
  EXPECT_TRUE(finds("new"));
  EXPECT_TRUE(last.falls_short);
}

// The control.
TEST_F(LogFirstParts, TimesThatFitTheFileAreBelieved) {
  const char* form = "%Y-%m-%dT%H:%M:%SZ";
  append(written(form, 90'000) + " ERROR\n    at old.place\n" + written(form, 100) + " new\n");
  EXPECT_FALSE(finds("ERROR"));
  EXPECT_TRUE(finds("new"));
}

}  // namespace
}  // namespace gonogo
