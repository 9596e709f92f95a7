#include "daemon/core/clock_steps.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

struct Host {
  boost::asio::io_context loop;
  FakeClock clock{loop};
};

// Good while it is younger than a day.
Finding young(WallTime made, WallTime now) {
  if (made > now) return Finding::fail(Reason::future, "from the future");
  return now - made < 24h ? Finding::pass("young") : Finding::fail(Reason::stale_data, "old");
}

struct Case {
  const char* name;
  Duration age;
  Duration step;
  Outcome expected;
};

class JudgedByWallTest : public testing::TestWithParam<Case> {};

TEST_P(JudgedByWallTest, IsUnknownWhereTheStepChangesTheJudgement) {
  Host host;
  const WallTime made =
      host.clock.wall() - std::chrono::duration_cast<std::chrono::microseconds>(GetParam().age);
  host.clock.advance(10s);
  host.clock.set_wall_ahead(GetParam().step);
  const auto judge = [made](WallTime now) { return young(made, now); };
  EXPECT_EQ(judged_by(host.clock.wall_reading(), judge).outcome, GetParam().expected);
  // After the minute the new time counts.
  host.clock.advance(61s);
  host.clock.wall();
  const Outcome later = judged_by(host.clock.wall_reading(), judge).outcome;
  EXPECT_EQ(later, judge(host.clock.wall()).outcome);
}

INSTANTIATE_TEST_SUITE_P(
    Steps, JudgedByWallTest,
    testing::Values(Case{"pass_far_from_its_bound", 1h, 2h, Outcome::pass},
                    Case{"pass_that_a_step_back_makes", 25h, -2h, Outcome::unknown},
                    Case{"failure_that_a_step_ahead_makes", 23h, 2h, Outcome::unknown},
                    Case{"failure_either_way", 30h, 2h, Outcome::fail},
                    Case{"from_the_future_by_the_new_clock", 1h, -2h, Outcome::unknown},
                    Case{"slewed", 23h + 59min + 49s + 500ms, 900ms, Outcome::fail},
                    Case{"not_set", 1h, 0s, Outcome::pass}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(ClockSteps, SayHowTheClockWasSet) {
  Host host;
  host.clock.wall();
  host.clock.set_wall_ahead(3h);
  host.clock.wall();
  host.clock.advance(20s);
  EXPECT_EQ(host.clock.wall_reading().words, "the wall clock was set ahead by 3h, 20s ago");
  host.clock.advance(40s);
  EXPECT_EQ(host.clock.wall_reading().words, "");
}

TEST(ClockSteps, OneThatIsSetBackToWhatItWasIsNotInDoubt) {
  Host host;
  host.clock.wall();
  host.clock.set_wall_ahead(-26h);
  host.clock.wall();
  host.clock.advance(5s);
  host.clock.set_wall_ahead(26h);
  EXPECT_FALSE(host.clock.wall_reading().former);
}

TEST(ClockSteps, AreNotDoubtedWhereTheConfigurationSaysSo) {
  Host host;
  host.clock.wall();
  host.clock.doubt_steps(false);
  host.clock.set_wall_ahead(3h);
  EXPECT_FALSE(host.clock.wall_reading().former);
}

TEST(ClockSteps, SuspensionIsNoStep) {
  Host host;
  host.clock.wall();
  host.clock.stall(8h);
  EXPECT_FALSE(host.clock.wall_reading().former);
}

}  // namespace
}  // namespace gonogo
