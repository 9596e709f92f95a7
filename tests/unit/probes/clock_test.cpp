#include "probes/clock.h"

#include <gtest/gtest.h>

#include "daemon/config/document.h"
#include "daemon/formats/settings.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/resolve.h"
#include "daemon/scheduling/attempt.h"
#include "probes/resources.h"
#include "tests/support/fake_clock.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(ClockJumps, AStepIsSeenAndASlewIsNot) {
  ClockJumps jumps;
  Now now{SteadyTime{} + 1h, WallTime{} + 24h * 20'000};
  const auto pass = [&now](Duration steady, Duration wall) {
    now.steady += steady;
    now.wall += std::chrono::duration_cast<std::chrono::microseconds>(wall);
  };
  EXPECT_EQ(jumps.worst(now, 10min), Duration::zero());
  pass(30s, 30s + 10ms);
  EXPECT_EQ(jumps.worst(now, 10min), Duration::zero()) << "slewing is at most 0.05%";
  pass(30s, 30s + 24h);
  EXPECT_EQ(jumps.worst(now, 10min), Duration{24h});
  pass(30s, 30s - 2h);
  EXPECT_EQ(jumps.worst(now, 10min), Duration{24h});
  pass(9min + 40s, 9min + 40s);
  EXPECT_EQ(jumps.worst(now, 10min), Duration{-2h});
  pass(1min, 1min);
  EXPECT_EQ(jumps.worst(now, 10min), Duration::zero());
}

TEST(ClockJumps, GoOnInALaterProcess) {
  Now now{SteadyTime{} + 100h, WallTime{} + 24h * 20'000};
  ClockJumps jumps;
  jumps.worst(now, 10min);
  now.steady += 30s;
  now.wall += 30s + 2h;
  EXPECT_EQ(jumps.worst(now, 10min), Duration{2h});
  const std::string note = jumps.note();

  // Within one boot the boot clock ages them, and a step during the downtime is seen.
  const Now later{now.steady + 5min, now.wall + 5min - 3h};
  EXPECT_EQ(ClockJumps(note, later).worst(later, 10min), Duration{-3h});
  const Now calm{now.steady + 5min, now.wall + 5min};
  EXPECT_EQ(ClockJumps(note, calm).worst(calm, 10min), Duration{2h});
  const Now after{now.steady + 11min, now.wall + 11min};
  EXPECT_EQ(ClockJumps(note, after).worst(after, 10min), Duration{0});

  // Across a boot the wall clock ages them, and nothing is said of a step in between.
  std::string of_another_boot = note;
  const std::size_t boot = note.find("\"boot\":\"") + 8;
  of_another_boot[boot] = note[boot] == 'f' ? 'e' : 'f';
  const Now booted{SteadyTime{} + 10s, now.wall + 5min};
  EXPECT_EQ(ClockJumps(of_another_boot, booted).worst(booted, 10min), Duration{2h});
  const Now long_after{SteadyTime{} + 10s, now.wall + 11min};
  EXPECT_EQ(ClockJumps(of_another_boot, long_after).worst(long_after, 10min), Duration{0});
  const Now set_back{SteadyTime{} + 10s, now.wall - 24h};
  EXPECT_EQ(ClockJumps(of_another_boot, set_back).worst(set_back, 10min), Duration{2h})
      << "a clock that was set back makes no window shorter";
}

TEST(ClockJumps, ANoteOfAnotherKindIsNone) {
  const Now now{SteadyTime{} + 1h, WallTime{} + 24h * 20'000};
  for (const char* note :
       {"", "x", "[]", "{}", R"({"boot":7})", R"({"boot":"b","jumps":[7],"last":null})"}) {
    EXPECT_EQ(ClockJumps(note, now).worst(now, 10min), Duration{0}) << note;
  }
}

TEST(ClockJumps, TheirNumberIsBoundedAndTheWorstStays) {
  ClockJumps jumps;
  Now now{SteadyTime{} + 1h, WallTime{} + 24h * 20'000};
  jumps.worst(now, 24h);
  for (int i = 0; i < 1000; ++i) {
    now.steady += 1s;
    now.wall += i == 10 ? 1s + 5h : 1s + 1min;
    jumps.worst(now, 24h);
  }
  EXPECT_EQ(jumps.worst(now, 24h), Duration{5h});
  EXPECT_LT(jumps.note().size(), 8192U);
}

// Each run is one of a probe that was just configured, as after a reload.
class ClockTest : public testing::Test {
 protected:
  Observation run() {
    Reading reading;
    nodes.push_back(std::make_unique<Node>(
        parse_document("options", "{synchronised: false, max_jump: 1m}", reading.problems)));
    Settings settings(nodes.back().get(), nodes.back()->place, "clock", reading);
    const std::shared_ptr<Probe> probe = make_clock(settings, resources);
    std::optional<Observation> answer;
    const auto started = ProbeRun::start(
        loop.get_executor(), clock, probe, 5s,
        [&answer](Observation seen) { answer = std::move(seen); }, memory);
    clock.settle();
    return answer.value();
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  BlockingPool pool{loop.get_executor(), 1, 1};
  Resolver resolver{loop.get_executor()};
  HeartbeatPushes pushes;
  Resources resources{
      {.loop = loop, .clock = clock, .pool = pool, .resolver = resolver}, pushes, {}};
  std::shared_ptr<ProbeMemory> memory = std::make_shared<ProbeMemory>();
  std::vector<std::unique_ptr<Node>> nodes;
};

TEST_F(ClockTest, AStepIsStillSeenInTheNextProcess) {
  if (run().reason == Reason::prober) GTEST_SKIP() << "adjtimex(2) is not allowed here";
  clock.set_wall_ahead(2h);
  clock.advance(30s);
  EXPECT_EQ(run().outcome, Outcome::fail);
  memory = std::make_shared<ProbeMemory>(memory->note());
  clock.advance(30s);
  EXPECT_EQ(run().outcome, Outcome::fail);
  clock.advance(11min);
  EXPECT_EQ(run().outcome, Outcome::pass);
}

TEST_F(ClockTest, AStepIsSeenThoughAReloadCameBetween) {
  if (run().reason == Reason::prober) GTEST_SKIP() << "adjtimex(2) is not allowed here";
  clock.advance(30s);
  EXPECT_EQ(run().outcome, Outcome::pass);
  clock.set_wall_ahead(2h);
  clock.advance(30s);
  const Observation seen = run();
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_NE(seen.summary.find("2h forward"), std::string::npos) << seen.summary;
}

}  // namespace
}  // namespace gonogo
