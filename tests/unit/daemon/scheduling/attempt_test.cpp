#include "daemon/scheduling/attempt.h"

#include <gtest/gtest.h>

#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Attempt, FailsAHangingProbeAtItsDeadline) {
  Bench bench;
  bench.watch({probed_check("db", 10s, 2s)}, {ScriptedProbe::hanging()});
  bench.clock.advance(2100ms);
  EXPECT_EQ(bench.last(0).reason, Reason::timeout);
  EXPECT_EQ(bench.last(0).summary, "no answer within 2s at connect");
  EXPECT_EQ(bench.last(0).took, 2s);
}

TEST(Attempt, WhatAProbeThrowsBecomesAFailureAtItsStage) {
  Bench bench;
  bench.watch({probed_check("a")}, {ScriptedProbe::throwing("went\nwrong")});
  bench.clock.advance(1s);
  EXPECT_EQ(bench.last(0).outcome, Outcome::fail);
  EXPECT_EQ(bench.last(0).summary, "connect: went\\nwrong");
}

TEST(Attempt, OurOwnLackOfDescriptorsIsNotTheTargetsFault) {
  Bench bench;
  auto probe = std::make_shared<ScriptedProbe>([]() -> Finding {
    throw boost::system::system_error(EMFILE, boost::system::system_category());
  });
  bench.watch({probed_check("a")}, {probe});
  bench.clock.advance(1s);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_EQ(bench.last(0).reason, Reason::prober);
  EXPECT_FALSE(bench.go());
}

TEST(Attempt, AHeldUpDaemonBlamesNoTarget) {
  Bench bench;
  bench.watch({probed_check("a", 30s, 5s)}, {ScriptedProbe::hanging()});
  bench.clock.advance(100ms);
  bench.clock.stall(60s);
  EXPECT_EQ(bench.last(0).outcome, Outcome::unknown);
  EXPECT_EQ(bench.last(0).reason, Reason::prober);
}

// One run by itself.
struct Alone {
  explicit Alone(std::shared_ptr<Probe> probe) {
    run = ProbeRun::start(
        loop.get_executor(), clock, std::move(probe), 2s,
        [this](Observation seen) { answers.push_back(std::move(seen)); }, memory);
  }
  boost::asio::io_context loop;
  FakeClock clock{loop};
  std::shared_ptr<ProbeMemory> memory = std::make_shared<ProbeMemory>();
  std::shared_ptr<ProbeRun> run;
  std::vector<Observation> answers;
};

TEST(Attempt, AnswersOnceAndNeverFromInsideItsStart) {
  Alone alone(ScriptedProbe::answering(Finding::pass("up")));
  EXPECT_TRUE(alone.answers.empty());
  EXPECT_FALSE(alone.run->is_answered());
  alone.clock.advance(10s);
  ASSERT_EQ(alone.answers.size(), 1U);
  EXPECT_EQ(alone.answers[0].summary, "up");
  EXPECT_TRUE(alone.run->is_unwound());
}

TEST(Attempt, AtItsDeadlineItHasAnsweredAndMayStillUnwind) {
  auto probe = ScriptedProbe::stubborn();
  Alone alone(probe);
  alone.clock.advance(3s);
  ASSERT_EQ(alone.answers.size(), 1U);
  EXPECT_EQ(alone.answers[0].reason, Reason::timeout);
  EXPECT_FALSE(alone.run->is_unwound());
  probe->release();
  alone.clock.settle();
  EXPECT_TRUE(alone.run->is_unwound());
  EXPECT_EQ(alone.answers.size(), 1U);
}

TEST(Attempt, AnAbandonedRunAnswersNobody) {
  Alone alone(ScriptedProbe::hanging());
  alone.clock.settle();
  alone.run->abandon();
  alone.clock.advance(10s);
  EXPECT_TRUE(alone.answers.empty());
  EXPECT_TRUE(alone.run->is_unwound());
}

TEST(Attempt, AnAnswerThatComesAfterTheDeadlineCountsAsNone) {
  auto probe = ScriptedProbe::hanging();
  Alone alone(probe);
  alone.clock.settle();
  // This process is held up: the answer is handled before the timer of the deadline is.
  alone.clock.pass_unnoticed(2s + 1ns);
  probe->release();
  alone.clock.settle();
  ASSERT_EQ(alone.answers.size(), 1U);
  EXPECT_EQ(alone.answers[0].reason, Reason::timeout);
}

// Counts its runs in its memory.
class CountingProbe : public Probe {
 public:
  boost::asio::awaitable<Finding> run(Attempt& attempt) override {
    const int count = ++attempt.memory().state<int>();
    co_return Finding::pass("run " + std::to_string(count));
  }
};

TEST(Attempt, GivesTheProbeTheMemoryOfItsCheck) {
  Alone alone(std::make_shared<CountingProbe>());
  alone.clock.settle();
  EXPECT_EQ(alone.answers.at(0).summary, "run 1");
  EXPECT_EQ(alone.memory->state<int>(), 1);
}

TEST(Attempt, CountsTheTimeOfEachStageOnce) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  Attempt attempt(clock, clock.now() + 10s);
  attempt.enter(Stage::connect);
  clock.advance(1s);
  attempt.enter(Stage::request);
  clock.advance(2s);
  attempt.enter(Stage::connect);
  clock.advance(3s);
  const auto phases = attempt.take_phases();
  ASSERT_EQ(phases.size(), 2U);
  EXPECT_EQ(phases[0].stage, Stage::connect);
  EXPECT_EQ(phases[0].took, 4s);
  EXPECT_EQ(phases[1].took, 2s);
  EXPECT_EQ(attempt.stage(), Stage::connect) << "where it ended";
  EXPECT_EQ(attempt.remaining(), 4s);
}

}  // namespace
}  // namespace gonogo
