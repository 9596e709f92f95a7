#include "daemon/scheduling/check_runtime.h"

#include <gtest/gtest.h>

#include "tests/support/bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(CheckRuntime, AReloadKeepsScheduleStateAndTheRunUnderWay) {
  Bench bench;
  auto probe = ScriptedProbe::hanging();
  bench.watch({probed_check("a", 30s, 5s), probed_check("b")},
              {probe, ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(1s);
  const auto due = bench.runtimes[0].due;
  bench.watch(
      {probed_check("b"), probed_check("a", 30s, 5s)},
      {ScriptedProbe::answering(Finding::pass()), ScriptedProbe::answering(Finding::pass())});
  EXPECT_EQ(bench.runtimes[1].due, due);
  EXPECT_EQ(bench.state(0), CheckState::pass) << "b was seen before the reload";
  probe->release();
  bench.clock.advance(1ms);
  EXPECT_EQ(bench.state(1), CheckState::pass) << "the run under way still counts";
}

TEST(CheckRuntime, AResultOfAFormerConfigurationDoesNotCount) {
  Bench bench;
  auto probe = ScriptedProbe::hanging();
  Check changed = probed_check("a", 30s, 5s);
  bench.watch({changed}, {probe});
  bench.clock.advance(1s);
  changed.fingerprint = "f2";
  bench.watch({changed}, {ScriptedProbe::hanging()});
  probe->release();
  bench.clock.advance(1ms);
  EXPECT_EQ(bench.observations, 0);
  EXPECT_FALSE(bench.go());
}

TEST(CheckRuntime, ItsRunsAreCountedOnWhenItsDefinitionChanges) {
  Bench bench;
  Check check = probed_check("a", 30s, 5s);
  bench.watch({check}, {ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(5min);
  const auto before = bench.runtimes[0].record.runs;
  ASSERT_GT(before[0], 5U);
  check.fingerprint = "f2";
  bench.watch({check}, {ScriptedProbe::answering(Finding::pass())});
  EXPECT_EQ(bench.runtimes[0].record.runs, before) << "a counter never decreases within a process";
  EXPECT_EQ(bench.state(0), CheckState::pending);
}

TEST(CheckRuntime, AHoldForFlappingSurvivesAReloadAndEndsWithItsRule) {
  Bench bench;
  bool up = true;
  const auto probe = std::make_shared<ScriptedProbe>([&up] {
    up = !up;
    return up ? Finding::pass() : Finding::fail(Reason::connect, "refused");
  });
  Check check = probed_check("a", 30s, 5s);
  check.flapping = FlappingRule{3, 1h};
  bench.watch({check}, {probe});
  bench.clock.advance(10min);
  const CheckStatus held = bench.board.verdict()->checks[0];
  ASSERT_EQ(held.reason, Reason::flapping) << held.summary;
  bench.watch({check}, {ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(1min);
  EXPECT_EQ(bench.board.verdict()->checks[0].reason, Reason::flapping);
  check.flapping.reset();
  bench.watch({check}, {ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(1min);
  EXPECT_EQ(bench.state(0), CheckState::pass);
}

// A probe whose runs are counted in its memory, as state and as note.
class RememberingProbe : public Probe {
 public:
  explicit RememberingProbe(std::string key) : key_(std::move(key)) {}
  boost::asio::awaitable<Finding> run(Attempt& attempt) override {
    const int count = ++attempt.memory().state<int>();
    const std::string former = attempt.memory().note().value_or("none");
    attempt.memory().write_note(std::to_string(count));
    co_return Finding::pass("run " + std::to_string(count) + ", note " + former);
  }
  std::string memory_key() const override { return key_; }

 private:
  std::string key_;
};

// One check "a" that is configured anew and anew.
struct Configured {
  Configured() {
    bench.recall = [this](const std::string& key) { return recall(key); };
  }

  void use(const std::string& key) {
    check.probe = std::make_shared<RememberingProbe>(key);
    bench.use(checklist_of({check}));
  }
  // What a further run says.
  std::string said() {
    bench.runner.run_now(bench.runtimes[0]);
    bench.clock.advance(1ms);
    return bench.last(0).summary;
  }
  std::optional<std::string> recall(const std::string& key) const {
    const auto note = notes.find(key);
    if (note == notes.end()) return std::nullopt;
    return note->second;
  }

  std::map<std::string, std::string> notes;
  Bench bench;
  Check check = probed_check("a", 1h, 5s);
};

TEST(CheckRuntime, AnUnchangedDefinitionMovesTheObjectWithItsNewProbeAndPosition) {
  Bench bench;
  const auto first = ScriptedProbe::answering(Finding::pass());
  const auto second = ScriptedProbe::answering(Finding::pass());
  bench.watch({probed_check("a", 30s), probed_check("b", 30s)}, {first, first});
  bench.clock.advance(1s);
  const CheckRuntime* runtime = &bench.runtimes[0];
  Check same = probed_check("a", 30s);
  same.title = "Another title";
  bench.watch({probed_check("b", 30s), same}, {first, second});
  EXPECT_EQ(&bench.runtimes[1], runtime);
  EXPECT_EQ(bench.runtimes.find("a"), runtime);
  EXPECT_EQ(runtime->position, 1U);
  EXPECT_EQ(runtime->definition->title, "Another title");
  EXPECT_EQ(runtime->definition.get(), &bench.runtimes.checklist()->checks[1]);
  bench.clock.advance(30s);
  EXPECT_EQ(second->runs, 1) << "later runs are runs of the new probe";
}

TEST(CheckRuntime, OneThatIsGoneIsDroppedAndItsRunAbandoned) {
  Bench bench;
  const auto gone = ScriptedProbe::hanging();
  bench.watch({probed_check("gone", 10s, 5s), probed_check("stays", 10s)},
              {gone, ScriptedProbe::answering(Finding::pass())});
  bench.clock.advance(1s);
  ASSERT_EQ(gone->runs, 1);
  const std::weak_ptr<ProbeRun> run = bench.runtimes[0].run;
  const std::weak_ptr<CheckRuntime> runtime = bench.runtimes[0].weak_from_this();
  bench.watch({probed_check("stays", 10s)}, {ScriptedProbe::answering(Finding::pass())});
  EXPECT_TRUE(runtime.expired());
  EXPECT_EQ(bench.runtimes.find("gone"), nullptr);
  bench.clock.settle();
  EXPECT_TRUE(run.expired()) << "its coroutine was cancelled and has unwound";
  bench.clock.advance(1min);
  EXPECT_EQ(gone->runs, 1) << "its timer went with it";
}

TEST(CheckRuntime, AChangedDefinitionStartsWithoutResultsAndSoon) {
  Configured configured;
  configured.use("target");
  configured.bench.clock.advance(1s);
  ASSERT_EQ(configured.bench.state(0), CheckState::pass);
  configured.check.fingerprint = "f2";
  configured.use("target");
  EXPECT_EQ(configured.bench.state(0), CheckState::pending);
  EXPECT_FALSE(configured.bench.runtimes[0].record.decisive);
  EXPECT_LE(*configured.bench.runtimes[0].due, configured.bench.clock.now() + 1s);
}

TEST(CheckRuntime, AnotherIntervalKeepsTheResultsAndIsScheduledAnew) {
  Configured configured;
  configured.use("target");
  configured.bench.clock.advance(1s);
  const CheckRuntime* former = &configured.bench.runtimes[0];
  const SteadyTime former_due = *former->due;
  configured.check.interval = 2h;
  configured.use("target");
  const CheckRuntime& runtime = configured.bench.runtimes[0];
  EXPECT_EQ(configured.bench.state(0), CheckState::pass) << "the fingerprint is the same";
  EXPECT_EQ(*runtime.due, next_start({2h, phase_of("a")}, {}, configured.bench.clock.now()))
      << "it has a result: it need not run soon";
  EXPECT_NE(*runtime.due, former_due);
}

TEST(CheckRuntime, AnotherIntervalBeforeTheFirstResultIsRunSoon) {
  Bench bench;
  Check check = probed_check("a", 1h, 5s);
  const auto first = ScriptedProbe::hanging();
  bench.watch({check}, {first});
  bench.clock.advance(1s);
  check.interval = 2h;
  const auto second = ScriptedProbe::answering(Finding::pass());
  bench.watch({check}, {second});
  first->release();
  bench.clock.advance(1s);
  EXPECT_EQ(bench.observations, 1) << "the run of the former schedule was abandoned";
  EXPECT_EQ(second->runs, 1);
}

TEST(CheckRuntime, OnDemandAndBackIsScheduledAnew) {
  Configured configured;
  configured.use("target");
  configured.bench.clock.advance(1s);
  configured.check.on_demand = true;
  configured.use("target");
  EXPECT_FALSE(configured.bench.runtimes[0].due);
  EXPECT_EQ(configured.bench.state(0), CheckState::pass);
  configured.check.on_demand = false;
  configured.use("target");
  EXPECT_TRUE(configured.bench.runtimes[0].due);
}

TEST(CheckRuntime, OtherCountsOfPassesAndFailuresApplyToWhatWasCounted) {
  Bench bench;
  bool up = true;
  const auto probe = std::make_shared<ScriptedProbe>(
      [&up] { return up ? Finding::pass() : Finding::fail(Reason::status, "500"); });
  Check check = probed_check("a", 30s, 5s);
  check.debounce = {1, 3};
  check.retry_interval = 10s;
  bench.watch({check}, {probe});
  bench.clock.advance(1s);
  up = false;
  bench.runner.run_now(bench.runtimes[0]);
  bench.clock.advance(1ms);
  ASSERT_TRUE(bench.go()) << "one failure of three";
  check.debounce = {1, 2};
  bench.watch({check}, {probe});
  bench.clock.advance(10s);
  EXPECT_FALSE(bench.go()) << "the second of two";
}

TEST(CheckRuntime, WhatAProbeRemembersOutlivesAReload) {
  Configured configured;
  configured.use("target");
  configured.bench.clock.advance(1s);
  EXPECT_EQ(configured.bench.last(0).summary, "run 1, note none");
  configured.use("target");
  EXPECT_EQ(configured.said(), "run 2, note 1") << "the definition is unchanged";
  configured.check.fingerprint = "f2";
  configured.use("target");
  EXPECT_EQ(configured.said(), "run 3, note 2") << "kind and target are the same";
  configured.check.interval = 30min;
  configured.use("target");
  EXPECT_EQ(configured.said(), "run 4, note 3") << "another schedule";
}

TEST(CheckRuntime, AnotherTargetOrKindIsRememberedAnew) {
  Configured configured;
  configured.use("target");
  configured.bench.clock.advance(1s);
  configured.check.fingerprint = "f2";
  configured.use("another target");
  EXPECT_EQ(configured.said(), "run 1, note none");
  configured.check.fingerprint = "f3";
  configured.check.kind = "tcp";
  configured.use("another target");
  EXPECT_EQ(configured.said(), "run 1, note none");
}

TEST(CheckRuntime, ANoteIsRecalledWhenTheRuntimeIsMade) {
  Configured configured;
  configured.notes["target"] = "7";
  configured.use("target");
  EXPECT_EQ(configured.said(), "run 1, note 7");
  configured.notes["target"] = "8";
  configured.use("target");
  EXPECT_EQ(configured.said(), "run 2, note 1") << "what is in memory is newer";
  configured.notes["another"] = "9";
  configured.check.fingerprint = "f2";
  configured.use("another");
  EXPECT_EQ(configured.said(), "run 1, note 9");
}

// Does not heed being cancelled, and writes its note when it is released.
class LateProbe : public Probe {
 public:
  boost::asio::awaitable<Finding> run(Attempt& attempt) override {
    auto waiting = waits->run(attempt);
    const Finding finding = co_await std::move(waiting);
    attempt.memory().write_note("late");
    co_return finding;
  }
  std::shared_ptr<ScriptedProbe> waits = ScriptedProbe::stubborn();
};

TEST(CheckRuntime, AnAbandonedRunWritesToItsOwnMemoryAlone) {
  Bench bench;
  Check check = probed_check("a", 1h, 5s);
  const auto late = std::make_shared<LateProbe>();
  bench.watch({check}, {late});
  bench.clock.advance(1s);
  const std::shared_ptr<ProbeMemory> former = bench.runtimes[0].memory;
  check.fingerprint = "f2";
  bench.watch({check}, {ScriptedProbe::answering(Finding::pass())});
  late->waits->release();
  bench.clock.advance(1s);
  EXPECT_EQ(former->note(), "late") << "it did go on";
  EXPECT_FALSE(bench.runtimes[0].memory->note());
}

TEST(ProbeMemory, GivesANoteToBeSavedOnceAfterItWasWritten) {
  ProbeMemory memory("old");
  EXPECT_FALSE(memory.take_unsaved_note()) << "it comes from the store";
  memory.write_note("new");
  EXPECT_EQ(memory.take_unsaved_note(), "new");
  EXPECT_FALSE(memory.take_unsaved_note());
}

TEST(ProbeMemory, ACopySharesNothing) {
  ProbeMemory memory;
  memory.state<std::vector<int>>().push_back(1);
  ProbeMemory copy = memory;
  copy.state<std::vector<int>>().push_back(2);
  EXPECT_EQ(memory.state<std::vector<int>>().size(), 1U);
  EXPECT_EQ(copy.state<std::vector<int>>().size(), 2U);
  EXPECT_EQ(copy.state<int>(), 0) << "another type is made anew";
}

}  // namespace
}  // namespace gonogo
