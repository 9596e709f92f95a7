#include "daemon/core/schedule.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/core/lateness.h"
#include "daemon/core/timer_queue.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Schedule, NextTickIsAfterNowAndAtMostOneIntervalAway) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const Schedule schedule{Duration{1 + static_cast<std::int64_t>(random() % 3'600'000'000'000)},
                            static_cast<double>(random() % 1000) / 1000};
    const SteadyTime now{Duration{static_cast<std::int64_t>(random() % 10'000'000'000'000'000)}};
    const SteadyTime next = next_start(schedule, SteadyTime{}, now);
    ASSERT_GT(next, now);
    ASSERT_LE(next, now + schedule.interval);
    // Ticks are stable: asking at the tick gives the one an interval later.
    ASSERT_EQ(next_start(schedule, SteadyTime{}, next), next + schedule.interval);
  }
}

TEST(Schedule, ALateRunSkipsTicks) {
  const Schedule schedule{10s, 0};
  const SteadyTime epoch{};
  EXPECT_EQ(next_start(schedule, epoch, epoch + 10s), epoch + 20s);
  EXPECT_EQ(next_start(schedule, epoch, epoch + 415s), epoch + 420s);
}

TEST(Schedule, ATickBeforeTheEpochIsRightToo) {
  const Schedule schedule{10s, 0.5};
  EXPECT_EQ(next_start(schedule, SteadyTime{}, SteadyTime{} - 12s), SteadyTime{} - 5s);
}

TEST(Schedule, PhasesSpreadNamesEvenly) {
  std::array<int, 10> buckets{};
  for (int i = 0; i < 10'000; ++i)
    ++buckets.at(static_cast<std::size_t>(phase_of("check-" + std::to_string(i)) * 10));
  for (const int count : buckets) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(phase_of("api"), phase_of("api"));
}

TEST(Schedule, FirstLooksComeSoon) {
  for (const char* name : {"a", "b", "readiness"}) {
    const Schedule schedule{30s, phase_of(name)};
    EXPECT_LE(first_start(schedule, 100, SteadyTime{}), SteadyTime{} + 100ms);
  }
}

TEST(Lateness, RemembersTheWorstForTenToTwentySeconds) {
  Lateness lateness;
  SteadyTime now{1000s};
  lateness.add(3s, now);
  EXPECT_EQ(lateness.worst_recently(now + 9s), 3s);
  EXPECT_EQ(lateness.worst_recently(now + 25s), 0s);
  lateness.add(1ms, now + 10s);
  EXPECT_EQ(lateness.worst_recently(now + 10s), 3s);
  lateness.add(1ms, now + 20s);
  EXPECT_EQ(lateness.worst_recently(now + 20s), 1ms);
  EXPECT_EQ(lateness.cumulative().back(), 3U);
}

TEST(TimerQueue, GivesActionsInOrderOfTimeThenArrival) {
  TimerQueue queue;
  std::string order;
  queue.add(SteadyTime{2s}, [&] { order += "c"; });
  queue.add(SteadyTime{1s}, [&] { order += "a"; });
  queue.add(SteadyTime{1s}, [&] { order += "b"; });
  const auto gone = queue.add(SteadyTime{1s}, [&] { order += "x"; });
  queue.remove(gone);
  EXPECT_FALSE(queue.take_due(SteadyTime{}));
  while (auto action = queue.take_due(SteadyTime{5s})) action();
  EXPECT_EQ(order, "abc");
}

TEST(TimerQueue, AnActionMayRemoveAnother) {
  TimerQueue queue;
  std::uint64_t second = 0;
  bool ran = false;
  queue.add(SteadyTime{1s}, [&] { queue.remove(second); });
  second = queue.add(SteadyTime{1s}, [&] { ran = true; });
  while (auto action = queue.take_due(SteadyTime{5s})) action();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace gonogo
