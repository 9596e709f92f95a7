#include "daemon/io/file_stamp.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

// Long ago, so that nothing counts as fresh. The time of the status change cannot be set.
void date(const std::string& path, std::int64_t seconds) {
  const struct timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

TEST(FileStamp, DiffersForAnotherFileTimeSizeAndForNone) {
  Scratch scratch;
  const std::string path = scratch.write("a", "one");
  date(path, 1000);
  std::set<std::string> stamps{stamp_of(path)};
  date(path, 2000);
  stamps.insert(stamp_of(path));
  scratch.write("a", "longer");
  stamps.insert(stamp_of(path));
  scratch.write("b", "longer");
  std::filesystem::rename(scratch.path("b"), path);
  stamps.insert(stamp_of(path));
  std::filesystem::remove(path);
  stamps.insert(stamp_of(path));
  EXPECT_EQ(stamps.size(), 5U);
  EXPECT_EQ(stamp_of(path), stamp_of(path)) << "what is not there stays so";
}

TEST(FileStamp, FollowsLinks) {
  Scratch scratch;
  scratch.write("a", "one");
  scratch.write("b", "one");
  std::filesystem::create_symlink(scratch.path("a"), scratch.path("link"));
  const std::string before = stamp_of(scratch.path("link"));
  std::filesystem::remove(scratch.path("link"));
  std::filesystem::create_symlink(scratch.path("b"), scratch.path("link"));
  EXPECT_NE(stamp_of(scratch.path("link")), before);
}

TEST(FileStamp, OfAFolderCoversWhatIsInIt) {
  Scratch scratch;
  std::filesystem::create_directory(scratch.path("f"));
  std::set<std::string> stamps{stamp_of(scratch.path("f"))};
  scratch.write("f/a", "one");
  stamps.insert(stamp_of(scratch.path("f")));
  scratch.write("f/a", "in place");
  stamps.insert(stamp_of(scratch.path("f")));
  EXPECT_EQ(stamps.size(), 3U);
}

// Two changes within one step of the file system's clock have one time.
TEST(FileStamp, OfAFileThatHasJustChangedIsNotTrustedForLong) {
  Scratch scratch;
  EXPECT_TRUE(stamp_of(scratch.write("a", "one")).ends_with("fresh"));
}

}  // namespace
}  // namespace gonogo
