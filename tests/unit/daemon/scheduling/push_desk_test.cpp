#include "daemon/scheduling/push_desk.h"

#include "tests/support/disk_test.h"

namespace gonogo {
namespace {

constexpr const char* key = "key-of-the-job";

class PushDeskTest : public DiskTest {
 protected:
  PushDeskTest() {
    adjust = [](Config& config) { config.push_keys[key] = "api"; };
    start();
  }
  boost::asio::awaitable<Pushed> push(PushKind kind, const char* with_key = key) {
    return process->kernel.push(with_key, kind, kind == PushKind::fail ? 1 : 0, "", false, "");
  }
  const PushRecord& record() { return *process->kernel.pushes().find(key); }
  // As another process would find it.
  PushRecord stored() {
    std::filesystem::copy(scratch.path("."), other.path("."),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
    const Store found(other.path("gonogo.db"), 90 * 24h, process->clock.both());
    EXPECT_EQ(found.problem() + found.was_lost(), "");
    return found.loaded().pushes.at("api");
  }

  Scratch other;
};

TEST_F(PushDeskTest, WhatWasAnsweredIsOnDisk) {
  for (int i = 0; i < 20; ++i) {
    pass_time(1s);
    const PushKind kind = i % 2 == 0 ? PushKind::success : PushKind::fail;
    const Pushed pushed = process->decide(push(kind));
    EXPECT_TRUE(pushed.is_known);
    EXPECT_EQ(pushed.unsaved, "");
    const PushRecord found = stored();
    EXPECT_EQ(found.succeeded, record().succeeded) << i;
    EXPECT_EQ(found.failed, record().failed) << i;
  }
  EXPECT_FALSE(process->decide(push(PushKind::success, "another-key")).is_known);
}

TEST_F(PushDeskTest, OnAFullDiskItCountsAndIsSavedLater) {
  disk.fill();
  const Pushed pushed = process->decide(push(PushKind::fail));
  EXPECT_TRUE(pushed.is_known);
  EXPECT_NE(pushed.unsaved.find("disk is full"), std::string::npos) << pushed.unsaved;
  EXPECT_TRUE(record().failed);
  disk.fill(false);
  EXPECT_EQ(process->decide(push(PushKind::log)).unsaved, "");
  start();
  EXPECT_TRUE(record().failed);
}

TEST_F(PushDeskTest, OnADiskThatHangsNobodyWaitsForEver) {
  const Pushed pushed = decide_while_it_hangs(push(PushKind::fail));
  EXPECT_NE(pushed.unsaved.find("has not answered within 10s"), std::string::npos)
      << pushed.unsaved;
  EXPECT_TRUE(record().failed);
  thaw();
  EXPECT_EQ(process->decide(push(PushKind::log)).unsaved, "");
  start();
  EXPECT_TRUE(record().failed);
}

TEST_F(PushDeskTest, OnADiskThatHangsNotEverybodyIsRemembered) {
  int refused = 0;
  disk.freeze();
  for (int i = 0; i < 11'000; ++i) {
    process->store->save_push("api", record(), [&refused](const std::string& failure) {
      if (failure.find("hangs") != std::string::npos) ++refused;
    });
  }
  EXPECT_GE(refused, 500);
  disk.thaw();
  while (process->store->progress().has_unsaved) process->settle();
  EXPECT_EQ(process->decide(push(PushKind::success)).unsaved, "");
}

TEST_F(PushDeskTest, WhatWasPushedForACheckThatWasTakenOutStaysForgotten) {
  const auto rename = [this](const std::string& id) {
    auto list = std::make_shared<Checklist>(*process->config.checklist);
    list->checks[0].id = id;
    process->config.push_keys = {{key, id}};
    process->config.checklist = list;
    process->put_in_force();
  };
  for (const bool is_down : {false, true}) {
    ASSERT_EQ(process->decide(push(PushKind::success)).unsaved, "");
    if (is_down) {
      adjust = [](Config& config) {
        auto list = std::make_shared<Checklist>(*config.checklist);
        list->checks[0].id = "another";
        config.push_keys = {{key, "another"}};
        config.checklist = list;
      };
      start();
    } else {
      rename("another");
    }
    rename("api");
    EXPECT_FALSE(record().succeeded) << is_down;
    adjust = [](Config& config) { config.push_keys[key] = "api"; };
    start();
    EXPECT_FALSE(record().succeeded) << is_down;
  }
}

// Its run may have been waiting when the former process ended.
TEST_F(PushDeskTest, WhatWasPushedIsJudgedAtOnceByTheNextProcess) {
  ASSERT_EQ(process->decide(push(PushKind::success)).unsaved, "");
  pass_time(1s);
  const auto runs = [this] {
    std::uint64_t sum = 0;
    for (const std::uint64_t number : process->runtimes[0].record.runs) sum += number;
    return sum;
  };
  start();
  pass_time(1ms);
  EXPECT_EQ(runs(), 1U);
}

TEST_F(PushDeskTest, ADaemonThatEndsLeavesWhoeverWaits) {
  std::optional<Pushed> answered;
  ask(push(PushKind::fail), answered);
  disk.thaw();
  start();
  EXPECT_TRUE(record().failed) << "it was saved at the end";
}

TEST_F(PushDeskTest, WithoutAStoreItSaysWhy) {
  process.reset();
  std::filesystem::remove(scratch.path("gonogo.db"));
  std::filesystem::create_directory(scratch.path("gonogo.db"));
  start();
  const Pushed pushed = process->decide(push(PushKind::success));
  EXPECT_TRUE(pushed.is_known);
  EXPECT_NE(pushed.unsaved, "");
  EXPECT_TRUE(record().succeeded);
}

}  // namespace
}  // namespace gonogo
