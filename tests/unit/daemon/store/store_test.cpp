#include "daemon/store/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "daemon/store/record_json.h"
#include "daemon/store/sqlite.h"
#include "tests/support/checklists.h"
#include "tests/support/scratch.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr Duration retention = 90 * 24h;

class StoreTest : public testing::Test {
 protected:
  CheckRecord passed(Duration age = 10s) const {
    CheckRecord record;
    const Check check = probed_check("a");
    record.since = now.wall - 20s;
    take(record, check,
         seen(Outcome::pass,
              {now.steady - age,
               now.wall - std::chrono::duration_cast<std::chrono::microseconds>(age)}));
    record.since = now.wall - 20s;
    return record;
  }
  void save(const CheckRecord& record) {
    Store store(path, retention, now);
    store.save_check("a", "f1", record, true);
    store.save_verdict(true, now.wall - 1h);
    PushRecord push;
    push.succeeded = now.wall - 5s;
    store.save_push("job", push);
  }

  Scratch scratch;
  std::string path = scratch.path("gonogo.db");
  Now now{SteadyTime{1000h}, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};
};

TEST_F(StoreTest, AResultComesBackWithItsAge) {
  save(passed());
  now.steady += 30s;
  now.wall += 30s;
  const Store store(path, retention, now);
  EXPECT_EQ(store.problem(), "");
  const StoredCheck& stored = store.loaded().checks.at("a");
  EXPECT_EQ(stored.fingerprint, "f1");
  EXPECT_EQ(stored.record.debounce.readiness(), Readiness::good);
  EXPECT_EQ(stored.record.decisive->at.steady, now.steady - 40s);
  EXPECT_EQ(store.loaded().verdict, (std::pair{true, now.wall - 1h - 30s}));
  EXPECT_EQ(store.loaded().pushes.at("job").succeeded, now.wall - 35s);
}

TEST_F(StoreTest, TheFileIsItsOwnersAlone) {
  save(passed());
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600U);
}

TEST_F(StoreTest, AWallClockSetBackMakesNoResultYounger) {
  save(passed());
  now.steady += 120s;
  now.wall += 20s;  // a hundred seconds went missing
  const Store store(path, retention, now);
  EXPECT_EQ(store.loaded().checks.at("a").record.decisive->at.steady, now.steady - 130s);
}

TEST_F(StoreTest, AResultFromTheFutureIsNotTrusted) {
  save(passed());
  now.wall -= 1h;
  const Store store(path, retention, now);
  EXPECT_TRUE(store.loaded().checks.empty());
  EXPECT_FALSE(store.loaded().pushes.at("job").succeeded);
}

TEST_F(StoreTest, ADamagedFileIsSetAsideAndANewOneBegun) {
  scratch.write("gonogo.db", std::string(8192, 'x'));
  save(passed());
  const Store store(path, retention, now);
  EXPECT_EQ(store.problem(), "");
  EXPECT_EQ(store.loaded().checks.size(), 1U);
  int set_aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path("")))
    set_aside += entry.path().string().find(".damaged-") != std::string::npos ? 1 : 0;
  EXPECT_EQ(set_aside, 1);
}

TEST_F(StoreTest, ATruncatedFileIsSurvived) {
  save(passed());
  for (const std::size_t size : {0, 100, 4096, 5000, 8192}) {
    std::filesystem::resize_file(path, size);
    const Store store(path, retention, now);
    EXPECT_EQ(store.problem(), "") << size;
  }
}

TEST_F(StoreTest, AFileOfANewerVersionIsLeftAlone) {
  {
    SqliteDatabase database(path);
    database.run("PRAGMA user_version = 99; CREATE TABLE theirs (x)");
  }
  const std::string before = read_all(path);
  const Store store(path, retention, now);
  EXPECT_NE(store.problem().find("newer gonogo"), std::string::npos) << store.problem();
  EXPECT_EQ(read_all(path).substr(100), before.substr(100));
}

TEST_F(StoreTest, AFileInUseByAnotherIsLeftToIt) {
  const Store first(path, retention, now);
  Store second(path, retention, now);
  EXPECT_EQ(first.problem(), "");
  EXPECT_NE(second.problem().find("locked"), std::string::npos) << second.problem();
  second.save_check("a", "f1", passed(), true);
}

TEST_F(StoreTest, AFolderThatCannotBeWrittenLeavesAStoreThatSaysSo) {
  const Store store("/proc/gonogo/gonogo.db", retention, now);
  EXPECT_NE(store.problem(), "");
}

TEST_F(StoreTest, AForgedRecordIsPassedOver) {
  for (const char* text : {"", "{}", "[]", "nonsense", R"({"readiness":7})",
                           R"({"readiness":1,"passes":1,"failures":0,"since":0})"}) {
    EXPECT_FALSE(record_from_json(text, true, now)) << text;
  }
}

TEST_F(StoreTest, TheLastOfManySavesWins) {
  {
    Store store(path, retention, now);
    for (int i = 0; i < 10'000; ++i)
      store.save_check("a", "f" + std::to_string(i), passed(), i % 100 == 0);
  }
  const Store store(path, retention, now);
  EXPECT_EQ(store.loaded().checks.at("a").fingerprint, "f9999");
}

TEST_F(StoreTest, WhatNobodySavedForLongerThanTheRetentionGoes) {
  save(passed());
  now.wall += 91 * 24h;
  now.steady += 91 * 24h;
  { const Store store(path, retention, now); }
  const Store store(path, retention, now);
  EXPECT_TRUE(store.loaded().checks.empty());
}

}  // namespace
}  // namespace gonogo
