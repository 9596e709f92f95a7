#include "daemon/formats/shell_programs.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(ShellPrograms, AreKnownByTheirNames) {
  EXPECT_EQ(shell_program_name("/usr/bin/nice"), "nice");
  EXPECT_EQ(shell_program_name("nice"), "nice");
  EXPECT_TRUE(find_wrapper("nohup"));
  EXPECT_FALSE(find_wrapper("noh"));
  EXPECT_FALSE(find_wrapper(""));
  EXPECT_TRUE(is_shell("dash"));
  EXPECT_FALSE(is_shell("python3"));
  EXPECT_TRUE(only_mentions("["));
  EXPECT_FALSE(only_mentions("restic"));
  EXPECT_TRUE(is_interpreter("python3.11"));
  EXPECT_FALSE(is_interpreter("3"));
  EXPECT_TRUE(is_container_tool("podman"));
}

TEST(ShellPrograms, TakeValuesBehindSomeOptions) {
  const ShellWrapper& timeout = *find_wrapper("timeout");
  EXPECT_TRUE(takes_value("-k", timeout));
  EXPECT_FALSE(takes_value("-k5", timeout));
  EXPECT_TRUE(takes_value("--signal", timeout));
  EXPECT_FALSE(takes_value("--signal=9", timeout));
  EXPECT_FALSE(takes_value("-v", timeout));
}

TEST(ShellPrograms, AreNoFieldsOfACrontab) {
  for (const char* word : {"1", "*", "*/2", "1-5", "1,2"}) EXPECT_TRUE(is_time_field(word)) << word;
  for (const char* word : {"", "a", "7z", "./1"}) EXPECT_FALSE(is_time_field(word)) << word;
}

}  // namespace
}  // namespace gonogo
