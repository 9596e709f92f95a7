#include "daemon/formats/cron_expression.h"

#include <gtest/gtest.h>

#include "daemon/formats/times.h"
#include "daemon/io/zone_files.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

WallTime at(const char* text) { return *parse_rfc3339(text); }

CronExpression cron(const char* text) {
  std::string problem;
  const auto parsed = CronExpression::parse(text, problem);
  if (!parsed) throw std::runtime_error(std::string(text) + ": " + problem);
  return *parsed;
}

struct Run {
  const char* expression;
  const char* zone;
  const char* after;
  const char* next;
};

class NextRun : public testing::TestWithParam<Run> {};

TEST_P(NextRun, IsTheFirstAfterATime) {
  const auto& [expression, zone, after, next] = GetParam();
  const auto found = cron(expression).next_after(at(after), *find_time_zone(zone));
  EXPECT_EQ(found ? to_rfc3339(*found) : "never", next)
      << expression << " in " << zone << " after " << after;
}

INSTANTIATE_TEST_SUITE_P(
    Table, NextRun,
    testing::Values(
        Run{"15 2 * * *", "UTC", "2026-03-01T02:14:59Z", "2026-03-01T02:15:00Z"},
        Run{"15 2 * * *", "UTC", "2026-03-01T02:15:00Z", "2026-03-02T02:15:00Z"},
        Run{"*/20 9-17 * * mon-fri", "UTC", "2026-03-06T17:40:00Z", "2026-03-09T09:00:00Z"},
        Run{"0 0 29 2 *", "UTC", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"},
        Run{"0 0 30 2 *", "UTC", "2026-03-01T00:00:00Z", "never"},
        Run{"0 12 13 * fri", "UTC", "2026-03-07T00:00:00Z", "2026-03-13T12:00:00Z"},
        Run{"0 12 13 * fri", "UTC", "2026-03-13T12:00:00Z", "2026-03-20T12:00:00Z"},
        Run{"0 0 * * 7", "UTC", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z"},
        Run{"@weekly", "UTC", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z"},
        Run{"0 0 1 jan,jul *", "UTC", "2026-03-02T00:00:00Z", "2026-07-01T00:00:00Z"},
        // Berlin: clocks go from 02:00 to 03:00 on 29 March 2026, from 03:00 to 02:00 on 25
        // October.
        Run{"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"},
        Run{"30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"},
        Run{"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"},
        Run{"30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"},
        Run{"30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
        Run{"30 * * * *", "Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
        Run{"0 9 * * *", "America/New_York", "2026-03-07T15:00:00Z", "2026-03-08T13:00:00Z"},
        Run{"0 2 * * *", "Australia/Lord_Howe", "2026-10-03T00:00:00Z", "2026-10-03T15:30:00Z"}));

TEST(CronExpression, TheLastRunIsTheOneThatNothingFollowsUntilNow) {
  const TimeZone berlin = *find_time_zone("Europe/Berlin");
  for (const char* expression : {"15 2 * * *", "*/7 * * * *", "0 3 * * sun", "30 2 * * *"}) {
    WallTime time = at("2026-03-20T00:00:00Z");
    const CronExpression parsed = cron(expression);
    for (int i = 0; i < 300; ++i, time += 97min) {
      const auto last = parsed.last_until(time, berlin);
      ASSERT_TRUE(last);
      EXPECT_LE(*last, time);
      const auto next = parsed.next_after(*last, berlin);
      ASSERT_TRUE(next);
      EXPECT_GT(*next, time) << expression << " at " << to_rfc3339(time);
    }
  }
}

TEST(CronExpression, CadenceIsTheShortestAndTheLongestPause) {
  const TimeZone utc = *find_time_zone("UTC");
  const WallTime now = at("2026-03-20T00:00:00Z");
  const auto daily = cron("15 2 * * *").cadence(now, utc);
  EXPECT_EQ(daily->longest, 24h);
  EXPECT_EQ(daily->shortest, 24h);
  const auto weekdays = cron("0 9 * * 1-5").cadence(now, utc);
  EXPECT_EQ(weekdays->longest, 72h);
  EXPECT_EQ(weekdays->shortest, 24h);
  EXPECT_EQ(cron("*/5 * * * *").cadence(now, utc)->longest, 5min);
  EXPECT_EQ(cron("* 9-17 * * 1-5").cadence(now, utc)->longest, 63h + 1min) << "the weekend";
  EXPECT_EQ(cron("* * * 1-6 *").cadence(now, utc)->longest, 24h * 184 + 1min)
      << "half a year of every minute";
  EXPECT_EQ(cron("30 2 * * *").cadence(now, *find_time_zone("Europe/Berlin"))->longest, 25h);
  EXPECT_EQ(cron("0 0 29 2 *").cadence(now, utc)->longest, 24h * 1461);
  EXPECT_FALSE(cron("0 0 30 2 *").cadence(now, utc));
}

TEST(CronExpression, RefusesWhatDebiansCronRefuses) {
  for (const char* text :
       {"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
        "* * * 13 *", "* * * * 8", "5-1 * * * *", "*/0 * * * *", "a * * * *", "1,,2 * * * *",
        "5/10 * * * *", "@reboot", "@often", "* * * foo *", "-1 * * * *", "1- * * * *"}) {
    std::string problem;
    EXPECT_FALSE(CronExpression::parse(text, problem)) << text;
    EXPECT_FALSE(problem.empty());
  }
}

}  // namespace
}  // namespace gonogo
