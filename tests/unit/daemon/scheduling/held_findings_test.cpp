#include "daemon/scheduling/held_findings.h"

#include <gtest/gtest.h>

#include "daemon/scheduling/live_board.h"
#include "tests/support/checklists.h"
#include "tests/support/fake_clock.h"
#include "tests/support/scripted_probe.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

// Says that it asked a name server, or that it was to reach 203.0.113.9.
class NetworkProbe : public Probe {
 public:
  boost::asio::awaitable<Finding> run(Attempt& attempt) override {
    ++runs;
    attempt.needed().name_server = true;
    attempt.needed().peers = {"203.0.113.9"};
    if (takes > Duration::zero()) {
      auto waiter = std::make_shared<Waiter>();
      const Timer end = clock.call_at(clock.now() + takes, [waiter] { waiter->resume({}); });
      auto begin = [] {};
      auto cancelled = [waiter] { waiter->resume(boost::asio::error::operation_aborted); };
      auto waiting = wait_for(waiter, std::move(begin), std::move(cancelled));
      co_await std::move(waiting);
    }
    co_return next;
  }
  explicit NetworkProbe(Clock& with) : clock(with) {}
  Clock& clock;
  Duration takes{};
  Finding next = Finding::pass();
  int runs = 0;
};

class HeldFindingsTest : public testing::Test {
 protected:
  HeldFindingsTest() { use(30s, 1); }
  ~HeldFindingsTest() override {
    runner.stop();
    clock.settle();
  }

  void use(Duration interval, int count) {
    std::vector<Check> checks;
    Check own = probed_check("prober", 5s, 3s);
    own.kind = "prober";
    own.probe = prober;
    own.is_builtin = true;
    checks.push_back(own);
    for (int i = 0; i < count; ++i) {
      checks.push_back(probed_check("api" + std::to_string(i), interval, 5s));
      checks.back().probe = api;
      checks.back().stale_after = 24h;
    }
    runtimes.put_in_force(checklist_of(std::move(checks)), clock.both());
    board.apply();
    runner.start();
    clock.advance(interval + 6s);
  }
  const Observation& last() { return *runtimes[1].record.last; }
  void impair(Sentinel sentinel) {
    host = Finding::fail(Reason::prober, "no name server answers");
    host.measure(std::string(name_of(sentinel)), static_cast<double>(Health::fail), "count");
  }

  boost::asio::io_context loop;
  FakeClock clock{loop};
  Runtimes runtimes;
  LiveBoard board{clock, runtimes, [](const Snapshot*, const Snapshot&) {}};
  Finding host = Finding::pass();
  std::shared_ptr<ScriptedProbe> prober = std::make_shared<ScriptedProbe>([this] { return host; });
  std::shared_ptr<NetworkProbe> api = std::make_shared<NetworkProbe>(clock);
  int delivered = 0;
  std::vector<std::string> order;
  Runner runner{
      loop.get_executor(), clock, runtimes,
      [this](CheckRuntime& runtime, Observation seen) { held.take(runtime, std::move(seen)); }};
  HeldFindings held{
      clock, runtimes, runner,
      [this](CheckRuntime& runtime, Observation seen) {
        ++delivered;
        order.push_back(runtime.id());
        board.take(runtime, std::make_shared<Observation>(std::move(seen)));
      },
      [](const std::string& peer, const std::string&) { return peer == "203.0.113.9"; }};
};

TEST_F(HeldFindingsTest, AFailureWaitsForItsSentinelAndIsTheTargetsIfThatIsWell) {
  api->next = Finding::fail(Reason::dns, "name \"api\" does not exist");
  const int asked = prober->runs;
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  EXPECT_GT(prober->runs, asked) << "the sentinel runs at once, not at its next time";
  EXPECT_EQ(last().outcome, Outcome::fail);
  EXPECT_EQ(last().reason, Reason::dns);
}

TEST_F(HeldFindingsTest, AFailureThatItsSentinelExplainsIsUnknown) {
  impair(Sentinel::resolver);
  api->next = Finding::fail(Reason::dns, "no name server answered for \"api\"");
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  EXPECT_EQ(last().outcome, Outcome::unknown);
  EXPECT_EQ(last().reason, Reason::prober);
  EXPECT_EQ(board.verdict()->checks[1].state, CheckState::pass) << "it moves no threshold";
  EXPECT_FALSE(board.verdict()->go) << "this daemon itself is a blocker";
}

// The name server is back when the run that asked it in vain ends.
TEST_F(HeldFindingsTest, AFailureOfARunThatBeganWhileItsSentinelFailedIsUnknown) {
  api->next = Finding::fail(Reason::dns, "no name server answered for \"api\"");
  api->takes = 4s;
  impair(Sentinel::resolver);
  runner.run_now(runtimes[1]);
  runner.run_now(runtimes[0]);
  clock.advance(3s);
  host = Finding::pass();
  clock.advance(2s);
  EXPECT_EQ(runtimes[0].record.last->outcome, Outcome::pass);
  EXPECT_EQ(last().outcome, Outcome::unknown);
  // The next one fails by itself.
  runner.run_now(runtimes[1]);
  clock.advance(5s);
  EXPECT_EQ(last().reason, Reason::dns);
}

TEST_F(HeldFindingsTest, AnotherSentinelThatFailsExplainsNothing) {
  impair(Sentinel::store);
  api->next = Finding::fail(Reason::dns, "name \"api\" does not exist");
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  EXPECT_EQ(last().reason, Reason::dns);
}

TEST_F(HeldFindingsTest, WithoutAGatewayNothingIsHeldForTheRoute) {
  impair(Sentinel::route);
  api->next = Finding::fail(Reason::connect, "connection refused");
  const int asked = prober->runs;
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  EXPECT_EQ(last().reason, Reason::connect);
  EXPECT_EQ(prober->runs, asked);
}

TEST_F(HeldFindingsTest, WithAGatewayWhatIsBeyondItIsExplained) {
  SentinelRules rules;
  rules.gateway = "192.0.2.1";
  held.use(rules);
  impair(Sentinel::route);
  api->next = Finding::fail(Reason::timeout, "no answer within 5s at connect");
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  EXPECT_EQ(last().outcome, Outcome::unknown);
}

TEST_F(HeldFindingsTest, ASentinelThatDoesNotAnswerHoldsAFailureForTwoSeconds) {
  prober->hang();
  while (runtimes[0].run->is_unwound()) clock.advance(1s);
  api->next = Finding::fail(Reason::dns, "name \"api\" does not exist");
  const int before = delivered;
  runner.run_now(runtimes[1]);
  clock.advance(1999ms);
  EXPECT_EQ(delivered, before);
  clock.advance(1ms);
  EXPECT_EQ(last().reason, Reason::dns);
  prober->release();
}

// On a busy host two tries take longer than two seconds.
TEST_F(HeldFindingsTest, ASentinelThatIsStillAskedAfterTwoSecondsIsAwaited) {
  for (const bool is_impaired : {true, false}) {
    prober->hang();
    api->next = Finding::fail(Reason::dns, "no name server answered");
    const int before = delivered;
    runner.run_now(runtimes[1]);
    clock.advance(2900ms);
    EXPECT_EQ(delivered, before);
    host = Finding::pass();
    if (is_impaired) impair(Sentinel::resolver);
    prober->release();
    clock.advance(1ms);
    EXPECT_EQ(last().outcome, is_impaired ? Outcome::unknown : Outcome::fail);
  }
}

TEST_F(HeldFindingsTest, ASentinelThatIsNeverAnsweredHoldsAFailureUntilItsDeadline) {
  prober->hang();
  api->next = Finding::fail(Reason::dns, "no name server answered");
  const int before = delivered;
  runner.run_now(runtimes[1]);
  clock.advance(2999ms);
  EXPECT_EQ(delivered, before);
  clock.advance(1ms);
  EXPECT_EQ(last().reason, Reason::dns);
  EXPECT_EQ(runtimes[0].record.last->outcome, Outcome::fail) << "which is a blocker as well";
  prober->release();
}

TEST_F(HeldFindingsTest, ASentinelThatAReloadDropsWhileItIsAskedHoldsAFailureNoLonger) {
  prober->hang();
  api->next = Finding::fail(Reason::dns, "no name server answered");
  runner.run_now(runtimes[1]);
  clock.advance(2500ms);
  std::vector<Check> checks;
  for (std::size_t i = 1; i < runtimes.size(); ++i) checks.push_back(*runtimes[i].definition);
  runtimes.put_in_force(checklist_of(std::move(checks)), clock.both());
  board.apply();
  runner.start();
  clock.advance(3s);
  EXPECT_EQ(runtimes[0].record.last->reason, Reason::dns);
  prober->release();
}

TEST_F(HeldFindingsTest, OfOneCheckTheRunsArriveInTheirOrder) {
  prober->hang();
  while (runtimes[0].run->is_unwound()) clock.advance(1s);
  api->next = Finding::fail(Reason::dns, "name \"api\" does not exist");
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  api->next = Finding::pass();
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  EXPECT_EQ(runtimes[1].record.runs.at(static_cast<std::size_t>(Outcome::fail)), 1U);
  EXPECT_EQ(last().outcome, Outcome::pass);
  clock.advance(3s);
  EXPECT_EQ(last().outcome, Outcome::pass) << "the failure before it is not delivered again";
  prober->release();
}

TEST_F(HeldFindingsTest, WhatAReloadDropsIsForgotten) {
  prober->hang();
  while (runtimes[0].run->is_unwound()) clock.advance(1s);
  api->next = Finding::fail(Reason::dns, "name \"api\" does not exist");
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  const int before = delivered;
  runtimes.put_in_force(checklist_of({probed_check("other")}), clock.both());
  board.apply();
  runner.start();
  clock.advance(3s);
  EXPECT_NE(delivered, before);
  for (std::size_t i = static_cast<std::size_t>(before); i < order.size(); ++i)
    EXPECT_EQ(order[i], "other");
  prober->release();
}

TEST_F(HeldFindingsTest, AFailureOfARunThatWasLateSaysNothingOfTheTarget) {
  api->next = Finding::fail(Reason::threshold, "took 7s, wanted at most 1s");
  clock.stall(40s);
  clock.advance(1ms);
  EXPECT_EQ(last().outcome, Outcome::unknown);
  clock.advance(runtimes[1].definition->retry_interval);
  EXPECT_EQ(last().reason, Reason::threshold) << "it is run again soon, and on time";
}

TEST_F(HeldFindingsTest, AFailureOnTimeCountsSoonAfterTheDaemonWasLate) {
  clock.stall(40s);
  clock.advance(1s);
  api->next = Finding::fail(Reason::status, "500");
  runner.run_now(runtimes[1]);
  clock.advance(1ms);
  EXPECT_EQ(last().reason, Reason::status);
}

TEST_F(HeldFindingsTest, WhatNoOtherRunCanSeeAgainCountsThoughTheRunWasLate) {
  api->next = Finding::fail(Reason::content, "FATAL");
  api->next.is_seen_once = true;
  clock.stall(40s);
  clock.advance(1ms);
  EXPECT_EQ(last().reason, Reason::content);
}

TEST_F(HeldFindingsTest, AfterAnHourWithoutNetworkNothingComesAtOnceAndNothingChanges) {
  use(60s, 300);
  impair(Sentinel::resolver);
  api->next = Finding::fail(Reason::dns, "no name server answered");
  clock.advance(1h);
  std::vector<WallTime> since;
  for (std::size_t i = 1; i <= 300; ++i) {
    EXPECT_EQ(board.verdict()->checks[i].state, CheckState::pass);
    since.push_back(board.verdict()->checks[i].since);
  }
  host = Finding::pass();
  api->next = Finding::pass();
  int most = 0;
  for (int second = 0; second < 60; ++second) {
    const int before = api->runs;
    clock.advance(1s);
    most = std::max(most, api->runs - before);
  }
  EXPECT_LE(most, 45)
      << "300 checks in 20s, the time to the next try, are 15 in a second on average";
  for (std::size_t i = 1; i <= 300; ++i)
    EXPECT_EQ(board.verdict()->checks[i].since, since[i - 1]) << "no change is recorded";
}

}  // namespace
}  // namespace gonogo
