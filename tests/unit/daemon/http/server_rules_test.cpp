// golang.org/x/time/rate decided what a token bucket is: full at the beginning, one token in each
// interval, never more than the burst.
#include "daemon/http/server_rules.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(RateLimit, AdmitsABurstAndThenOneInEachInterval) {
  RateLimit limit(1s, 3);
  SteadyTime now{100s};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.admits(now)) << i;
  EXPECT_FALSE(limit.admits(now));
  EXPECT_EQ(limit.wait(), 1s);
  EXPECT_FALSE(limit.admits(now + 999ms));
  EXPECT_TRUE(limit.admits(now + 1s));
  EXPECT_FALSE(limit.admits(now + 1s));
  // However long nobody asked, no more than the burst.
  now += 24h;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.admits(now)) << i;
  EXPECT_FALSE(limit.admits(now));
}

TEST(RateLimit, WithoutAnIntervalAdmitsAll) {
  RateLimit limit(0s, 0);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limit.admits(SteadyTime{}));
}

TEST(RateLimit, AClockThatDoesNotMoveGivesNothing) {
  RateLimit limit(1ms, 1);
  EXPECT_TRUE(limit.admits(SteadyTime{5s}));
  EXPECT_FALSE(limit.admits(SteadyTime{5s}));
  EXPECT_FALSE(limit.admits(SteadyTime{4s}));
}

}  // namespace
}  // namespace gonogo
