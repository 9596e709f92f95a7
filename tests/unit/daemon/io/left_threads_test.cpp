#include "daemon/io/left_threads.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace gonogo {
namespace {

void report_exit_handlers() {
  std::atexit([] { std::fputs("handlers run", stderr); });
}

TEST(LeftThreads, AProcessWithoutThemEndsAsUsual) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        report_exit_handlers();
        end_process(3);
      },
      testing::ExitedWithCode(3), "handlers run");
}

TEST(LeftThreads, BesideThemNoExitHandlerRuns) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        report_exit_handlers();
        leave_behind(std::thread([] {
          while (true) ::pause();
        }));
        end_process(4);
      },
      testing::ExitedWithCode(4), "^$");
}

}  // namespace
}  // namespace gonogo
