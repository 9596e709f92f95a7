#include "probes/memory.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

TEST(Memory, FiguresAreReadFromRealAndBrokenFiles) {
  const auto memory = parse_meminfo(
      "MemTotal:        8000000 kB\nMemFree: 1 kB\nMemAvailable:    4000000 kB\nSwapTotal: 100 "
      "kB\nSwapFree: 40 kB\n");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->total, 8000000LL * 1024);
  EXPECT_EQ(memory->available, 4000000LL * 1024);
  EXPECT_EQ(memory->swap_free, 40 * 1024);
  EXPECT_FALSE(parse_meminfo("MemTotal: 5 kB\n")) << "an old kernel without MemAvailable";
  EXPECT_FALSE(parse_meminfo(""));
  EXPECT_FALSE(parse_meminfo("MemTotal:\nMemAvailable:\n"));
  const auto pressure = parse_pressure(
      "some avg10=0.00 avg60=12.50 avg300=0.05 total=1\nfull avg10=0.00 avg60=3.25 avg300=0.00 "
      "total=1\n");
  ASSERT_TRUE(pressure);
  EXPECT_EQ(pressure->some, 12.5);
  EXPECT_EQ(pressure->full, 3.25);
  EXPECT_FALSE(parse_pressure("some avg10=1"));
}

TEST(Memory, IsJudgedByItsFigures) {
  Scratch scratch;
  ProbeBench bench;
  scratch.write(
      "meminfo",
      "MemTotal: 2000000 kB\nMemAvailable: 100000 kB\nSwapTotal: 1000 kB\nSwapFree: 100 kB\n");
  std::filesystem::create_directory(scratch.path("pressure"));
  scratch.write(
      "pressure/memory",
      "some avg10=0 avg60=30.0 avg300=0 total=0\nfull avg10=0 avg60=20.0 avg300=0 total=0\n");
  const auto run_check = [&](const std::string& options) {
    return bench.run("memory", "{proc: " + scratch.path("") + ", " + options + "}");
  };
  EXPECT_EQ(run_check("min_total: 1GiB, min_available_percent: 5").outcome, Outcome::pass);
  EXPECT_EQ(run_check("min_total: 2GiB").reason, Reason::threshold);
  EXPECT_EQ(run_check("min_available: 200MB").outcome, Outcome::fail);
  EXPECT_EQ(run_check("warn_available_percent: 10").outcome, Outcome::warn);
  EXPECT_EQ(run_check("max_swap_percent: 80").outcome, Outcome::fail);
  EXPECT_EQ(run_check("max_pressure: 25").outcome, Outcome::fail);
  EXPECT_EQ(run_check("max_pressure: 35, max_full_pressure: 15").outcome, Outcome::fail);
  EXPECT_EQ(run_check("max_pressure: 35, max_full_pressure: 25").outcome, Outcome::pass);
}

}  // namespace
}  // namespace gonogo
