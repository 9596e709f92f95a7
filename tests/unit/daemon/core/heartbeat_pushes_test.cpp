#include "daemon/core/heartbeat_pushes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

class Pushes : public testing::Test {
 protected:
  Pushes() { pushes.declare("key"); }
  void push(PushKind kind, std::string_view note = {}, std::string_view run = {}) {
    pushes.take("key", kind, kind == PushKind::fail ? 3 : 0, note, now, run);
    now += 10s;
  }
  const PushRecord& record() { return *pushes.find("key"); }
  HeartbeatPushes pushes;
  WallTime now{std::chrono::seconds{1'800'000'000}};
};

TEST_F(Pushes, AnUndeclaredKeyMakesNoEntry) {
  EXPECT_FALSE(pushes.take("other", PushKind::success, 0, "", now));
  EXPECT_EQ(pushes.find("other"), nullptr);
}

TEST_F(Pushes, ARunsTimeIsFromItsStartToItsEnd) {
  push(PushKind::start);
  push(PushKind::success);
  EXPECT_EQ(record().run_time, Duration{10s});
  push(PushKind::success);
  EXPECT_FALSE(record().run_time) << "it reported no start";
}

TEST_F(Pushes, RunIdsKeepOverlappingRunsApart) {
  push(PushKind::start, "", "a");
  push(PushKind::start, "", "b");
  push(PushKind::success, "", "a");
  EXPECT_EQ(record().run_time, Duration{20s});
  ASSERT_EQ(record().runs.size(), 1U) << "the second still runs";
  EXPECT_EQ(record().runs.begin()->first, "b");
  push(PushKind::success);
  EXPECT_TRUE(record().runs.empty()) << "an end without an id ends whatever was begun";
}

TEST_F(Pushes, ASuccessEndsTheRunsThatBeganBeforeItsOwn) {
  push(PushKind::start);
  push(PushKind::start, "", "died");
  push(PushKind::start, "", "b");
  push(PushKind::start, "", "c");
  push(PushKind::success, "", "b");
  EXPECT_EQ(record().run_time, Duration{20s});
  ASSERT_EQ(record().runs.size(), 1U);
  EXPECT_EQ(record().runs.begin()->first, "c") << "it began later";
  EXPECT_FALSE(record().started) << "it began before, without an id";
  push(PushKind::start);
  push(PushKind::success, "", "c");
  EXPECT_TRUE(record().started) << "it began later";
}

TEST_F(Pushes, AFailureEndsItsOwnRunAlone) {
  push(PushKind::start, "", "a");
  push(PushKind::start, "", "b");
  push(PushKind::fail, "", "b");
  EXPECT_EQ(record().runs.size(), 1U);
  EXPECT_EQ(record().runs.count("a"), 1U);
}

TEST_F(Pushes, ASuccessWhoseStartWasNotPushedEndsNoOtherRun) {
  push(PushKind::start, "", "a");
  push(PushKind::success, "", "unknown");
  EXPECT_EQ(record().runs.size(), 1U) << "the two may overlap";
}

TEST_F(Pushes, ARunIsOpenNoLongerThanASuccessAfterItsTime) {
  push(PushKind::start, "", "died");
  const WallTime began = *record().first;
  push(PushKind::success, "", "one");  // ten seconds later
  EXPECT_EQ(record().open_runs(10s), std::vector<WallTime>{began});
  push(PushKind::success, "", "two");  // twenty seconds later
  EXPECT_TRUE(record().open_runs(10s).empty());
  EXPECT_EQ(record().open_runs(20s).size(), 1U);
  EXPECT_EQ(record().open_runs(std::nullopt).size(), 1U);
  push(PushKind::fail, "", "three");
  EXPECT_EQ(record().open_runs(20s).size(), 1U) << "a failure proves nothing";
}

TEST_F(Pushes, OpenRunsComeTheOldestFirst) {
  push(PushKind::start, "", "z");
  push(PushKind::start, "", "a");
  push(PushKind::start);
  const std::vector<WallTime> open = record().open_runs(std::nullopt);
  ASSERT_EQ(open.size(), 3U);
  EXPECT_TRUE(std::is_sorted(open.begin(), open.end()));
}

TEST_F(Pushes, TheLastFailuresWordsOutliveSuccesses) {
  push(PushKind::fail, "disk full");
  EXPECT_EQ(record().exit_status, 3);
  push(PushKind::success, "fine");
  EXPECT_EQ(record().failure_note, "disk full");
  EXPECT_EQ(record().note, "fine");
  EXPECT_EQ(record().failures_in_a_row, 0);
}

TEST_F(Pushes, WhatIsSentIsBounded) {
  for (int i = 0; i < 1000; ++i)
    push(PushKind::start, std::string(100'000, 'x'), std::to_string(i) + std::string(10'000, 'y'));
  EXPECT_LE(record().runs.size(), HeartbeatPushes::most_runs);
  EXPECT_LE(record().runs.begin()->first.size(), HeartbeatPushes::longest_run_id);
  EXPECT_EQ(record().note.size(), HeartbeatPushes::longest_note);
}

// A set wall clock makes nothing older or younger: ages are by the boot clock.
TEST(HeartbeatPushes, KeepTheirAgeWhenTheWallClockIsSet) {
  HeartbeatPushes pushes;
  pushes.declare("backup-key");
  const SteadyTime boot{1000h};
  const WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}};
  pushes.follow({boot, wall});
  EXPECT_FALSE(pushes.take_moved());
  pushes.take("backup-key", PushKind::start, 0, "", wall, "run-1");
  pushes.take("backup-key", PushKind::success, 0, "", wall + 1min, "other");
  for (const std::chrono::minutes step : {26h + 0min, -3h + 0min, 10min, -23h - 10min}) {
    static WallTime now = wall + 1min;
    static SteadyTime steady = boot + 1min;
    now += step + 5min;
    steady += 5min;
    pushes.follow({steady, now});
    EXPECT_TRUE(pushes.take_moved());
    const PushRecord& record = *pushes.find("backup-key");
    EXPECT_EQ(now - *record.succeeded, steady - (boot + 1min));
    EXPECT_EQ(now - record.runs.at("run-1"), steady - boot);
    pushes.follow({steady + 1s, now + 1s});
    EXPECT_FALSE(pushes.take_moved()) << "time that passes is no step";
  }
}

// A host without a clock of its own starts behind: what it restored may only become older.
TEST(HeartbeatPushes, OfAFormerProcessNeverBecomeYoungerByAStep) {
  for (const std::chrono::hours step : {6h, -6h}) {
    HeartbeatPushes pushes;
    pushes.declare("backup-key", "backup");
    const SteadyTime boot{1h};
    const WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}};
    pushes.follow({boot, wall});
    PushRecord stored;
    stored.succeeded = wall - 22h;
    pushes.restore("backup", stored, wall);
    pushes.take("backup-key", PushKind::start, 0, "", wall);
    pushes.follow({boot, wall + step});
    const PushRecord& record = *pushes.find("backup-key");
    EXPECT_EQ(wall + step - *record.succeeded, step > 0h ? 28h : 22h);
    EXPECT_EQ(wall + step - *record.started, 0h) << "what this process took is known by boot time";
  }
}

TEST(HeartbeatPushes, AreOfTheCheckWhateverItsKey) {
  HeartbeatPushes pushes;
  const WallTime wall{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}};
  pushes.declare("former-key", "backup");
  pushes.take("former-key", PushKind::fail, 3, "", wall);
  pushes.forget("former-key");
  EXPECT_EQ(pushes.find("former-key"), nullptr);
  EXPECT_FALSE(pushes.take("former-key", PushKind::success, 0, "", wall));
  pushes.declare("new-key", "backup");
  EXPECT_EQ(pushes.find("new-key")->exit_status, 3);
  pushes.keep_only([](const std::string&) { return false; });
  EXPECT_EQ(pushes.find("new-key"), nullptr);
}

}  // namespace
}  // namespace gonogo
