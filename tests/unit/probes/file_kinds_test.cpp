// marker, file and disk against real files of every awkward sort.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/formats/times.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class FileKinds : public testing::Test {
 protected:
  Observation marker(const std::string& path, const std::string& more = "") {
    return bench.run("marker", "{path: " + path + ", max_age: 26h" + more + "}");
  }
  Observation file(const std::string& options) { return bench.run("file", "{" + options + "}"); }
  std::string ago(Duration age) const {
    return to_rfc3339(bench.bench.clock.wall() -
                      std::chrono::duration_cast<std::chrono::microseconds>(age));
  }
  ProbeBench bench;
  Scratch scratch;
};

TEST_F(FileKinds, AFreshMarkerPassesInEachForm) {
  const std::string utc = ago(1h);
  std::string compact = utc;
  std::erase_if(compact, [](char c) { return c == '-' || c == ':'; });
  const std::string epoch = std::to_string(static_cast<long>(to_epoch(*parse_rfc3339(utc))));
  for (const std::string& content :
       {utc + "\n", utc, compact + "\n", epoch + "\n", "  " + utc + "  \r\n"}) {
    const Observation seen = marker(scratch.write("m", content));
    EXPECT_EQ(seen.outcome, Outcome::pass) << content << seen.summary;
    EXPECT_NEAR(seen.values.at(0).number, 3600, 5);
  }
}

struct MarkerCase {
  const char* content;
  Reason reason;
};

TEST_F(FileKinds, ABadMarkerFailsWithItsOwnReason) {
  const std::string old = ago(27h), future = ago(-1h), huge(5000, '1'),
                    zoneless = ago(1h).substr(0, 19);
  const std::vector<std::pair<std::string, Reason>> cases{
      {old, Reason::stale_data},
      {future, Reason::future},
      {"", Reason::content},
      {"\n\n", Reason::content},
      {"yesterday", Reason::content},
      {zoneless, Reason::content},
      {huge, Reason::threshold},
      {std::string("\x00\xff\x1b[2J", 6), Reason::content},
      {ago(1h) + "\n" + ago(1h), Reason::content},
      {"2026-01-06", Reason::content}};
  for (const auto& [content, reason] : cases) {
    const Observation seen = marker(scratch.write("m", content));
    EXPECT_EQ(seen.outcome, Outcome::fail) << content;
    EXPECT_EQ(seen.reason, reason) << content << ": " << seen.summary;
    EXPECT_EQ(seen.summary.find('\x1b'), std::string::npos);
  }
  EXPECT_NE(marker(scratch.write("m", zoneless)).summary.find("without a zone"), std::string::npos);
}

TEST_F(FileKinds, AMarkerMayHaveAByteOrderMarkAtItsBeginning) {
  const std::string utc = ago(1h);
  EXPECT_EQ(marker(scratch.write("m", "\xef\xbb\xbf" + utc + "\r\n")).outcome, Outcome::pass);
  EXPECT_EQ(marker(scratch.write("m", "\xef\xbb\xbf" + ago(27h))).reason, Reason::stale_data);
  EXPECT_EQ(marker(scratch.write("m", "\xef\xbb\xbf\n")).reason, Reason::content);
  // Elsewhere it is not the file's, and the message shows it.
  for (const std::string& hidden : {"\xef\xbb\xbf\xef\xbb\xbf" + utc, " \xef\xbb\xbf" + utc,
                                    utc + "\xef\xbb\xbf", utc + "\xe2\x80\x8b"}) {
    const Observation seen = marker(scratch.write("m", hidden));
    EXPECT_EQ(seen.reason, Reason::content);
    EXPECT_NE(seen.summary.find("\\x"), std::string::npos) << seen.summary;
  }
  std::string wide;
  for (const char c : utc) wide += std::string{c, '\0'};
  const Observation seen = marker(scratch.write("m", "\xff\xfe" + wide));
  EXPECT_EQ(seen.reason, Reason::content);
  EXPECT_NE(seen.summary.find("UTF-16"), std::string::npos) << seen.summary;
}

// 584.5 years are 2^64 ns: an age counted in them would come round to nothing, and pass.
TEST_F(FileKinds, ATimeCenturiesAwayDoesNotComeRoundToNow) {
  for (const char* content :
       {"1442-05-01T00:00:00Z", "2611-05-01T00:00:00Z", "0001-01-01T00:00:00Z"}) {
    EXPECT_EQ(marker(scratch.write("m", content)).outcome, Outcome::fail) << content;
  }
  const std::string path = scratch.write("m", "");
  const timespec past[2]{{-16'650'000'000, 0}, {-16'650'000'000, 0}};
  ::utimensat(AT_FDCWD, path.c_str(), past, 0);
  EXPECT_EQ(marker(path, ", format: mtime").outcome, Outcome::fail);
  EXPECT_EQ(file("path: " + path + ", max_age: 1h").outcome, Outcome::fail);
}

TEST_F(FileKinds, AMarkerShowsWhatIsNotSeen) {
  const std::string utc = ago(1h);
  const std::pair<std::string, const char*> hidden[] = {
      {utc.substr(0, 4) + "\u00AD" + utc.substr(4), "\\xc2\\xad"},
      {"\u00A0" + utc, "\\xc2\\xa0"},
      {utc + "\u00A0", "\\xc2\\xa0"}};
  for (const auto& [content, shown] : hidden) {
    const Observation seen = marker(scratch.write("m", content));
    EXPECT_EQ(seen.reason, Reason::content);
    EXPECT_NE(seen.summary.find(shown), std::string::npos) << seen.summary;
  }
}

TEST_F(FileKinds, AMarkerInUtf16WithoutAMarkIsNamed) {
  for (const std::size_t width : {2U, 4U}) {
    for (const bool is_little : {true, false}) {
      std::string wide;
      for (const char c : ago(1h) + "\r\n") {
        std::string unit(width, '\0');
        unit[is_little ? 0 : width - 1] = c;
        wide += unit;
      }
      const Observation seen = marker(scratch.write("m", wide));
      EXPECT_EQ(seen.reason, Reason::content);
      EXPECT_NE(seen.summary.find("is UTF-16 or UTF-32 text"), std::string::npos) << seen.summary;
    }
  }
  const Observation seen = marker(scratch.write("m", ago(1h) + std::string(3, '\0')));
  EXPECT_EQ(seen.summary.find("UTF-16"), std::string::npos) << seen.summary;
}

TEST_F(FileKinds, AMarkerThatIsNoFileFailsWithoutHanging) {
  ASSERT_EQ(::mkfifo(scratch.path("fifo").c_str(), 0600), 0);
  ASSERT_EQ(::symlink("loop", scratch.path("loop").c_str()), 0);
  ASSERT_EQ(::symlink("nowhere", scratch.path("dangling").c_str()), 0);
  EXPECT_EQ(marker(scratch.path("fifo")).reason, Reason::type);
  EXPECT_EQ(marker(scratch.path("")).reason, Reason::type);
  EXPECT_EQ(marker("/dev/zero").reason, Reason::type);
  EXPECT_EQ(marker(scratch.path("loop")).reason, Reason::missing);
  EXPECT_EQ(marker(scratch.path("dangling")).reason, Reason::missing);
  EXPECT_EQ(marker(scratch.path("absent")).reason, Reason::missing);
  EXPECT_EQ(marker(scratch.path("fifo"), ", format: mtime").reason, Reason::type);
}

TEST_F(FileKinds, AMarkersModificationTimeCanBeItsTime) {
  const std::string path = scratch.write("m", "");
  EXPECT_EQ(marker(path, ", format: mtime").outcome, Outcome::pass);
  const timespec old[2]{{100, 0}, {100, 0}};
  ::utimensat(AT_FDCWD, path.c_str(), old, 0);
  EXPECT_EQ(marker(path, ", format: mtime").reason, Reason::stale_data);
}

TEST_F(FileKinds, AMarkerWarnsBeforeItFailsAndForgivesALittleFuture) {
  EXPECT_EQ(marker(scratch.write("m", ago(25h)), ", warn_age: 24h").outcome, Outcome::warn);
  EXPECT_EQ(marker(scratch.write("m", ago(-60s)), ", max_future: 5m").outcome, Outcome::pass);
}

TEST_F(FileKinds, AFileIsJudgedByWhatTheFileSystemSays) {
  const std::string path = scratch.write("f", "hello world\n");
  ::chmod(path.c_str(), 0640);
  const std::vector<std::tuple<std::string, Outcome, Reason>> cases{
      {"", Outcome::pass, Reason::none},
      {", mode: '0640'", Outcome::pass, Reason::none},
      {", mode: '0600'", Outcome::fail, Reason::permission},
      {", max_mode: '0600'", Outcome::fail, Reason::permission},
      {", max_mode: '0644'", Outcome::pass, Reason::none},
      {", executable: true", Outcome::fail, Reason::permission},
      {", owner: '" + std::to_string(::getuid()) + "'", Outcome::pass, Reason::none},
      {", owner: nobody-such", Outcome::fail, Reason::permission},
      {", type: directory", Outcome::fail, Reason::type},
      {", min_size: 13", Outcome::fail, Reason::threshold},
      {", max_size: 12", Outcome::pass, Reason::none},
      {", max_age: 1h", Outcome::pass, Reason::none},
      {", contains: '^hello'", Outcome::pass, Reason::none},
      {", contains: goodbye", Outcome::fail, Reason::content},
      {", contains_not: world", Outcome::fail, Reason::content},
      {", absent: true", Outcome::fail, Reason::content}};
  for (const auto& [options, outcome, reason] : cases) {
    const Observation seen = file("path: " + path + options);
    EXPECT_EQ(seen.outcome, outcome) << options << ": " << seen.summary;
    EXPECT_EQ(seen.reason, reason) << options << ": " << seen.summary;
    EXPECT_EQ(seen.summary.find("hello"), options.find("hello") == std::string::npos
                                              ? std::string::npos
                                              : seen.summary.find("hello"))
        << "content is not shown";
  }
  EXPECT_EQ(file("path: " + scratch.path("absent") + ", absent: true").outcome, Outcome::pass);
  EXPECT_EQ(file("path: " + scratch.path("absent")).reason, Reason::missing);
}

TEST_F(FileKinds, AGlobMeansItsNewestFile) {
  const timespec old[2]{{100, 0}, {100, 0}};
  ::utimensat(AT_FDCWD, scratch.write("a.gz", "1").c_str(), old, 0);
  EXPECT_EQ(file("glob: '" + scratch.path("*.gz") + "', max_age: 1h").reason, Reason::stale_data);
  scratch.write("b.gz", "22");
  const Observation seen = file("glob: '" + scratch.path("*.gz") + "', max_age: 1h, min_size: 2");
  EXPECT_EQ(seen.outcome, Outcome::pass) << seen.summary;
  EXPECT_EQ(file("glob: '" + scratch.path("*.gz") + "', max_count: 1").reason, Reason::threshold);
  EXPECT_EQ(file("glob: '" + scratch.path("*.zip") + "'").reason, Reason::missing);
  EXPECT_EQ(file("glob: '" + scratch.path("*.zip") + "', min_count: 0, max_count: 0").outcome,
            Outcome::pass);
}

TEST_F(FileKinds, ADiskIsJudgedByItsRoom) {
  EXPECT_EQ(bench.run("disk", "{path: /, min_free: 1, writable: false}").outcome, Outcome::pass);
  EXPECT_EQ(bench.run("disk", "{path: /, min_free: 5000000TiB, writable: false}").reason,
            Reason::threshold);
  EXPECT_EQ(bench.run("disk", "{path: /nonexistent}").reason, Reason::missing);
  EXPECT_EQ(bench.run("disk", "{path: /proc, min_inodes_percent: 5}").outcome, Outcome::pass)
      << "no inodes are counted there";
}

}  // namespace
}  // namespace gonogo
