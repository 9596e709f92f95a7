#include "probes/shared/log_memory.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

LogPosition position() {
  LogPosition at{{1, 2, 3}, 300, "head", 256, "tail"};
  at.changed = 4;
  at.end = 310;
  at.is_within_line = true;
  at.newest = 5;
  at.newest_moment = {2026, 11, 30};
  at.late = {LateFile{{6, 7, 8}, 9, "late", 10, {2026, 12}}};
  return at;
}

TEST(LogMemory, IsReadAsItWasNoted) {
  LogMemory memory;
  memory.position = position();
  memory.buckets = {{10, {3, 1}}, {20, {5, 0}}};
  memory.samples = {{10, "a line, \"quoted\""}};
  memory.loss = LogMemory::Loss{15, "; app.log.1.xz is packed, and not by gzip"};
  memory.is_behind = true;
  const LogMemory again = log_memory_of(to_note(memory));
  EXPECT_EQ(again.position, memory.position);
  ASSERT_EQ(again.buckets.size(), 2U);
  EXPECT_EQ(again.buckets[0].time, 10);
  EXPECT_EQ(again.buckets[0].matches.sure, 3);
  EXPECT_EQ(again.buckets[0].matches.doubtful, 1);
  ASSERT_EQ(again.samples.size(), 1U);
  EXPECT_EQ(again.samples[0].text, "a line, \"quoted\"");
  ASSERT_TRUE(again.loss);
  EXPECT_EQ(again.loss->time, 15);
  EXPECT_EQ(again.loss->why, memory.loss->why);
  EXPECT_TRUE(again.is_behind);
}

TEST(LogMemory, OfAFormerVersionStillCounts) {
  const LogMemory memory = log_memory_of(
      R"({"buckets":[[10,4,1]],"position":{"device":1,"inode":2,"offset":300,"head":"h","head_size":256}})");
  ASSERT_TRUE(memory.position);
  EXPECT_EQ(memory.position->offset, 300U);
  EXPECT_EQ(memory.position->newest, 0);
  EXPECT_EQ(memory.position->end, 0U);
  EXPECT_FALSE(memory.position->is_within_line);
  ASSERT_EQ(memory.buckets.size(), 1U);
  EXPECT_EQ(memory.buckets[0].matches.all(), 4);
  EXPECT_FALSE(memory.loss);
  for (const char* other : {"", "{}", "[]", "no JSON", R"({"buckets":3})"})
    EXPECT_FALSE(log_memory_of(other).position) << other;
}

TEST(LogMemory, ForgetsWhatLeavesTheWindow) {
  LogMemory memory;
  memory.loss = LogMemory::Loss{100, ""};
  EXPECT_EQ(memory.add_to_window(100, 40, {2, 1}, {"one"}).all(), 3);
  EXPECT_EQ(memory.add_to_window(130, 70, {0, 0}, {}).all(), 3);
  EXPECT_EQ(memory.add_to_window(160, 100, {1, 0}, {"two"}).all(), 4);
  EXPECT_TRUE(memory.loss);
  EXPECT_EQ(memory.samples.front().text, "one");
  EXPECT_EQ(memory.add_to_window(161, 101, {0, 0}, {}).all(), 1);
  EXPECT_FALSE(memory.loss);
  ASSERT_EQ(memory.samples.size(), 1U);
  EXPECT_EQ(memory.samples.front().text, "two");
  EXPECT_EQ(memory.add_to_window(300, 240, {0, 0}, {}).all(), 0);
  EXPECT_TRUE(memory.samples.empty());
}

TEST(LogMemory, KeepsALineForAsLongAsThereIsAFailure) {
  LogMemory memory;
  for (int i = 0; i < 100; ++i) {
    memory.add_to_window(i, 0, {1, 0}, {std::to_string(i)});
    ASSERT_LE(memory.samples.size(), 3U);
    EXPECT_EQ(memory.samples.front().text, "0");
    EXPECT_EQ(memory.samples.back().text, std::to_string(i));
  }
  EXPECT_EQ(memory.add_to_window(150, 99, {0, 0}, {}).all(), 1);
  ASSERT_EQ(memory.samples.size(), 1U);
  EXPECT_EQ(memory.samples.front().text, "99");
}

TEST(LogMemory, KeepsSoManyRunsAndLosesNoMatch) {
  LogMemory memory;
  LogMatches sum;
  for (int i = 0; i < 2000; ++i) sum = memory.add_to_window(i, 0, {1, 1}, {});
  EXPECT_EQ(sum.all(), 4000);
  EXPECT_EQ(memory.buckets.size(), 500U);
  EXPECT_LT(to_note(memory).size(), 16U << 10);
}

}  // namespace
}  // namespace gonogo
