#include "daemon/io/bounded_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <functional>

#include "daemon/core/io_error.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

TEST(BoundedFile, IsReadWhole) {
  Scratch scratch;
  scratch.write("file", "one\ntwo\n");
  EXPECT_EQ(read_bounded_file(scratch.path("file"), 8), "one\ntwo\n");
}

TEST(BoundedFile, SaysWhyItIsNotRead) {
  Scratch scratch;
  scratch.write("large", "123456789");
  std::filesystem::create_directory(scratch.path("folder"));
  std::filesystem::create_symlink("circle", scratch.path("circle"));
  ASSERT_EQ(::mkfifo(scratch.path("pipe").c_str(), 0600), 0);
  struct Case {
    const char* name;
    Reason reason;
    const char* text;
  };
  const Case cases[] = {{"nosuch", Reason::missing, " does not exist"},
                        {"large/deeper", Reason::missing, " does not exist"},
                        {"circle", Reason::missing, " is a link that leads in a circle"},
                        {"folder", Reason::type, " is a directory, wanted a file"},
                        {"pipe", Reason::type, " is a FIFO, wanted a file"},
                        {"large", Reason::threshold, " is larger than the 8 bytes it may have"}};
  for (const Case& each : cases) {
    const std::string path = scratch.path(each.name);
    try {
      read_bounded_file(path, 8);
      ADD_FAILURE() << each.name << " was read";
    } catch (const IoError& error) {
      EXPECT_EQ(error.reason(), each.reason) << each.name;
      EXPECT_EQ(error.text(), path + each.text);
      EXPECT_TRUE(error.can_judge()) << each.name;
    }
  }
}

}  // namespace
}  // namespace gonogo
