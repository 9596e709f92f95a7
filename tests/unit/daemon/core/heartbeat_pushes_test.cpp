#include "daemon/core/heartbeat_pushes.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(pushes.all().size(), 1U);
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
  push(PushKind::success, "", "b");
  EXPECT_EQ(record().run_time, Duration{10s});
  ASSERT_EQ(record().runs.size(), 1U) << "the first still runs";
  EXPECT_EQ(record().runs.begin()->first, "a");
  push(PushKind::success);
  EXPECT_TRUE(record().runs.empty()) << "an end without an id ends whatever was begun";
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

}  // namespace
}  // namespace gonogo
