#include "daemon/store/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <future>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "daemon/store/record_json.h"
#include "daemon/store/sqlite.h"
#include "tests/support/checklists.h"
#include "tests/support/scratch.h"
#include "tests/support/scripted_disk.h"

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
  EXPECT_EQ(store.was_lost(), "") << "that was the process before";
  int set_aside = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path("")))
    set_aside += entry.path().string().find(".damaged-") != std::string::npos ? 1 : 0;
  EXPECT_EQ(set_aside, 1);
}

// Nobody has run again what the process that did not end well may have known better.
TEST_F(StoreTest, WhoeverOnlyPassesByDoesNotMakeGoodForAnEndThatWasNotOrderly) {
  save(passed());
  std::filesystem::remove(path + ".closed");
  const Now behind{now.steady, now.wall - 1h};
  EXPECT_TRUE(Store(path, retention, behind).loaded().checks.empty());
  EXPECT_FALSE(Store(path, retention, now).was_closed_well());
  Store(path, retention, now).trust_again();
  EXPECT_TRUE(Store(path, retention, now).was_closed_well());
}

// A job that runs once in a quarter is heard of as seldom.
TEST_F(StoreTest, APushCountsForLongerThanTheRetention) {
  save(passed());
  now.steady += 2 * retention;
  now.wall += std::chrono::duration_cast<std::chrono::microseconds>(2 * retention);
  for (int i = 0; i < 3; ++i) {
    const Store store(path, retention, now);
    EXPECT_EQ(store.loaded().pushes.count("job"), 1U) << i;
  }
}

TEST_F(StoreTest, APushThatIsForgottenStaysSo) {
  save(passed());
  Store(path, retention, now).forget_push("job");
  EXPECT_TRUE(Store(path, retention, now).loaded().pushes.empty());
}

// Nobody knows what it held.
TEST_F(StoreTest, ATruncatedFileIsSurvivedAndNoReasonForGo) {
  save(passed());
  for (const std::size_t size : {5000, 4096, 100, 0}) {
    std::filesystem::resize_file(path, size);
    {
      const Store store(path, retention, now);
      EXPECT_EQ(store.problem(), "") << size;
      EXPECT_NE(store.was_lost().find(path), std::string::npos) << size;
    }
    const Store next(path, retention, now);
    EXPECT_EQ(next.was_lost(), "") << size;
  }
}

TEST_F(StoreTest, OneThatIsNotThereYetHasLostNothing) {
  EXPECT_EQ(Store(path, retention, now).was_lost(), "");
  scratch.write("empty.db", "");
  EXPECT_EQ(Store(scratch.path("empty.db"), retention, now).was_lost(), "") << "it has no key";
  std::filesystem::create_symlink("/nosuch/gonogo.db", scratch.path("link.db"));
  EXPECT_NE(Store(scratch.path("link.db"), retention, now).was_lost(), "");
  EXPECT_EQ(Store("/proc/nosuch/gonogo.db", retention, now).was_lost(), "");
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
  EXPECT_NE(second.problem().find("in use by another process"), std::string::npos)
      << second.problem();
  second.save_check("a", "f1", passed(), true);
}

TEST_F(StoreTest, AFolderThatCannotBeWrittenLeavesAStoreThatSaysSo) {
  const Store store("/proc/gonogo/gonogo.db", retention, now);
  EXPECT_NE(store.problem().find("/proc/gonogo/gonogo.db: "), std::string::npos) << store.problem();
}

TEST_F(StoreTest, AForgedRecordIsPassedOver) {
  for (const char* text : {"", "{}", "[]", "nonsense", R"({"readiness":7})",
                           R"({"readiness":1,"passes":1,"failures":0,"since":0})"}) {
    EXPECT_FALSE(record_from_json(text, true, now)) << text;
  }
}

// Differences in nanoseconds wrap around after 584 years: a result of so long ago would be fresh.
TEST_F(StoreTest, ATimeThatNoClockShowsMakesNoResultYounger) {
  const CheckRecord record = passed();
  const std::string good = to_json(record, now);
  const std::int64_t wall = now.wall.time_since_epoch().count();
  const std::int64_t boot = now.steady.time_since_epoch().count();
  constexpr std::int64_t around = 18'446'744'073'709'552;  // microseconds until they wrap
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t time : {wall - around, least, least + 1, wall - 2 * around, most}) {
    for (const bool same_boot : {true, false}) {
      nlohmann::json object = nlohmann::json::parse(good);
      object["decisive"]["wall"] = time;
      const auto recalled = record_from_json(object.dump(), same_boot, now);
      if (recalled) {
        EXPECT_GT(now.steady - recalled->decisive->at.steady, 24h * 365) << time << same_boot;
      }
    }
    nlohmann::json object = nlohmann::json::parse(good);
    object["decisive"]["boot"] = time;
    object["changes"] = {{time, time}};
    object["held_for"] = time;
    const auto recalled = record_from_json(object.dump(), true, now);
    if (!recalled) continue;
    EXPECT_LE(recalled->decisive->at.steady, SteadyTime{Duration{boot}}) << time;
    EXPECT_LE(recalled->changes.front(), now.steady) << time;
  }
}

// The clock was set back after the state began; the results themselves are of after that.
TEST_F(StoreTest, AStateThatBeganLaterThanNowIsAsOldAsNow) {
  CheckRecord record = passed();
  record.since = now.wall + 1h;
  const auto recalled = record_from_json(to_json(record, now), true, now);
  ASSERT_TRUE(recalled);
  EXPECT_EQ(recalled->since, now.wall);
  EXPECT_EQ(recalled->debounce.readiness(), Readiness::good);
}

// A moment from before this boot is less than zero by its clock, in a second process as well.
TEST_F(StoreTest, AMomentFromBeforeTheBootComesBackAsItWas) {
  CheckRecord record = passed();
  record.recovered = now.steady - 3min;
  const std::string kept = to_json(record, now);
  now.steady = SteadyTime{20s};
  now.wall += 1min;
  const auto booted = record_from_json(kept, false, now);
  ASSERT_TRUE(booted);
  ASSERT_EQ(booted->recovered, now.steady - 4min);
  const auto again = record_from_json(to_json(*booted, now), true, now);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->recovered, booted->recovered);
}

// A check that changed five times within a minute and is held for that.
class FlappingStoreTest : public StoreTest {
 protected:
  FlappingStoreTest() {
    check.flapping = FlappingRule{3, 10min};
    record = empty_record(check, now);
    for (int i = 0; i < 6; ++i) {
      now.steady += 10s;
      now.wall += 10s;
      take(record, check, seen(i % 2 == 0 ? Outcome::pass : Outcome::fail, now));
    }
  }
  std::string kept() const { return to_json(record, now); }
  CheckRecord recalled(bool same_boot) const {
    CheckRecord recalled = *record_from_json(kept_text, same_boot, now);
    adopt(recalled, check, CheckRecord(recalled), check.fingerprint);
    return recalled;
  }

  Check check = probed_check("a");
  CheckRecord record;
  std::string kept_text;
};

TEST_F(FlappingStoreTest, ItsWindowAgesByTheBootClockWithinOneBoot) {
  kept_text = kept();
  now.steady += 4min;
  now.wall += 4min + 3h;
  CheckRecord recalled = this->recalled(true);
  EXPECT_EQ(recalled.changes, record.changes);
  EXPECT_EQ(recalled.held_until, record.held_until);
  EXPECT_GT(*recalled.held_until, now.steady);
}

TEST_F(FlappingStoreTest, ItsWindowAgesByTheWallClockAcrossABoot) {
  kept_text = kept();
  const Duration held_for = *record.held_until - now.steady;
  now.steady = SteadyTime{20s};
  now.wall += 4min;
  EXPECT_EQ(*recalled(false).held_until - now.steady, held_for - 4min);
  now.wall -= 1h;
  // A result from the future is not trusted at all; a minute later the window is no shorter.
  EXPECT_FALSE(record_from_json(kept_text, false, now));
}

TEST_F(FlappingStoreTest, OneMoreChangeAfterARestartIsCountedWithThoseBefore) {
  record.held_until.reset();
  record.changes.resize(3);
  kept_text = kept();
  now.steady += 30s;
  now.wall += 30s;
  CheckRecord recalled = this->recalled(true);
  take(recalled, check, seen(Outcome::pass, now));
  EXPECT_TRUE(recalled.held_until) << "the fourth within ten minutes";
}

TEST_F(FlappingStoreTest, NothingIsHeldForLongerThanTheRuleInForceSays) {
  kept_text = kept();
  check.flapping->window = 1min;
  EXPECT_EQ(recalled(true).held_until, record.changes.back() + 1min);
  check.flapping.reset();
  EXPECT_FALSE(recalled(true).held_until);
  EXPECT_TRUE(recalled(true).changes.empty());
}

TEST_F(FlappingStoreTest, AHoldThatAnOlderVersionWroteStillCounts) {
  const std::int64_t until = (now.wall + 5min).time_since_epoch().count();
  record.changes.clear();
  record.held_until.reset();
  kept_text = kept();
  kept_text.insert(1, "\"held_until\":" + std::to_string(until) + ",");
  EXPECT_EQ(recalled(true).held_until, now.steady + 5min);
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

TEST_F(StoreTest, AnOrderlyEndWithNothingUnsavedIsKnownToTheNextProcess) {
  {
    Store store(path, retention, now);
    EXPECT_FALSE(store.was_closed_well()) << "there was none before";
    store.save_check("a", "f1", passed(), true);
  }
  {
    const Store store(path, retention, now);
    EXPECT_TRUE(store.was_closed_well());
  }
  const Store store(path, retention, now);
  EXPECT_TRUE(store.was_closed_well()) << "each leaves its own mark";
}

// What a process leaves that is killed: the files as they are while it runs.
class KilledStoreTest : public StoreTest {
 protected:
  void copy_to(const std::string& other) {
    for (const char* part : {"", "-wal", ".key", ".closed"}) {
      std::error_code missing;
      std::filesystem::copy_file(path + part, other + part,
                                 std::filesystem::copy_options::overwrite_existing, missing);
    }
  }
  std::string copy = scratch.path("copy.db");
};

TEST_F(KilledStoreTest, AProcessThatIsKilledLeavesNoMark) {
  save(passed());
  Store store(path, retention, now);
  EXPECT_TRUE(store.was_closed_well());
  copy_to(copy);
  EXPECT_FALSE(Store(copy, retention, now).was_closed_well());
}

TEST_F(KilledStoreTest, AStoreThatIsPutInTheirPlaceHasNoMark) {
  save(passed());
  std::filesystem::copy_file(path, copy);
  save(passed());
  std::filesystem::copy_file(copy, path, std::filesystem::copy_options::overwrite_existing);
  const Store store(path, retention, now);
  EXPECT_EQ(store.problem(), "");
  EXPECT_FALSE(store.was_closed_well());
}

class FullStoreTest : public KilledStoreTest {
 protected:
  ScriptedDisk disk;
};

TEST_F(FullStoreTest, AnEndWithSomethingUnsavedLeavesNoMark) {
  {
    Store store(path, retention, now);
    disk.fill();
    store.save_check("a", "f1", passed(), true);
  }
  disk.fill(false);
  EXPECT_FALSE(Store(path, retention, now).was_closed_well());
}

TEST_F(FullStoreTest, AnEndWithADeedUnwrittenLeavesNoMark) {
  {
    Store store(path, retention, now);
    disk.fill();
    store.write_later({"release", "gonogo", now.wall, R"({"release":"v1"})"});
  }
  disk.fill(false);
  EXPECT_FALSE(Store(path, retention, now).was_closed_well());
}

// Nothing can be written in the whole life of the second process, which is killed.
TEST_F(FullStoreTest, AMarkDoesNotOutliveAProcessThatCouldNotWrite) {
  save(passed());
  disk.fill();
  const Store second(path, retention, now);
  disk.fill(false);
  copy_to(copy);
  EXPECT_FALSE(Store(copy, retention, now).was_closed_well());
}

TEST_F(FullStoreTest, WhatIsKeptIsWrittenInItsOrderWhenThereIsRoom) {
  {
    Store store(path, retention, now);
    disk.fill();
    store.write_later({"release", "gonogo", now.wall, R"({"release":"v1"})"});
    store.write_later({"hook", "gonogo", now.wall, R"({"result":"one"})"});
    store.write_later({"release", "gonogo", now.wall, R"({"release":"v2"})"});
    store.write_later({"hook", "gonogo", now.wall, R"({"result":"two"})"});
    while (store.problem().empty()) std::this_thread::yield();
    disk.fill(false);
  }
  Store store(path, retention, now);
  EXPECT_EQ(store.loaded().decisions.release, "v2");
  const std::string page = *store.audit_page(0, 100);
  EXPECT_EQ(page.find("v1"), std::string::npos) << "only the newest is kept";
  EXPECT_LT(page.find("one"), page.find("v2"));
  EXPECT_LT(page.find("v2"), page.find("two"));
}

TEST_F(FullStoreTest, ADecisionComesAfterWhatIsKeptOrNotAtAll) {
  Store store(path, retention, now);
  disk.fill();
  store.write_later({"release", "gonogo", now.wall, R"({"release":"v1"})"});
  std::promise<std::string> refused;
  store.decide({"release", "ci", now.wall, R"({"release":"v2"})"},
               [&](const tl::expected<AuditHead, std::string>& answer) {
                 refused.set_value(answer ? "" : answer.error());
               });
  EXPECT_NE(refused.get_future().get(), "");
  disk.fill(false);
  std::promise<std::int64_t> written;
  store.decide({"release", "ci", now.wall, R"({"release":"v3"})"},
               [&](const tl::expected<AuditHead, std::string>& answer) {
                 written.set_value(answer ? answer->seq : 0);
               });
  EXPECT_EQ(written.get_future().get(), 2);
  EXPECT_LT(store.audit_page(0, 100)->find("v1"), store.audit_page(0, 100)->find("v3"));
}

TEST_F(FullStoreTest, ADecisionThatHasNotBegunCanBeTakenBack) {
  Store store(path, retention, now);
  disk.freeze();
  std::promise<bool> first;
  store.decide({"release", "ci", now.wall, R"({"release":"v1"})"},
               [&](const auto& answer) { first.set_value(answer.has_value()); });
  disk.await_hanging();
  const auto second = store.decide({"release", "ci", now.wall, R"({"release":"v2"})"},
                                   [](const auto&) { ADD_FAILURE() << "it was taken back"; });
  EXPECT_TRUE(store.take_back(second));
  EXPECT_FALSE(store.take_back(second));
  disk.thaw();
  EXPECT_TRUE(first.get_future().get());
  EXPECT_EQ(store.audit_page(0, 100)->find("v2"), std::string::npos);
}

TEST_F(FullStoreTest, ADecisionThatHasBegunIsAnsweredWhenTheDiskAnswers) {
  Store store(path, retention, now);
  disk.freeze();
  std::promise<bool> answered;
  const auto asked =
      store.decide({"release", "ci", now.wall, R"({"release":"v1"})"},
                   [&](const auto& answer) { answered.set_value(answer.has_value()); });
  disk.await_hanging();
  EXPECT_FALSE(store.take_back(asked));
  disk.thaw();
  EXPECT_TRUE(answered.get_future().get());
}

// Its deed could not be written any more.
TEST_F(StoreTest, TheReleaseThatWasReadLastCountsThoughTheAuditHasAnother) {
  {
    Store store(path, retention, now);
    store.write_later({"release", "gonogo", now.wall, R"({"release":"v1"})"});
    ASSERT_TRUE(store.audit_page(0, 100));
    store.save_release("v2");
  }
  {
    const Store store(path, retention, now);
    EXPECT_EQ(store.loaded().decisions.release, "v2");
  }
  Store store(path, retention, now);
  EXPECT_NE(store.audit_page(0, 100)->find("v2"), std::string::npos) << "the audit learns of it";
}

TEST_F(StoreTest, AReleaseThatIsAnnouncedAfterOneWasReadCounts) {
  {
    Store store(path, retention, now);
    store.save_release("v1");
    store.write_later({"release", "ci", now.wall, R"({"release":"v2"})"});
  }
  const Store store(path, retention, now);
  EXPECT_EQ(store.loaded().decisions.release, "v2");
}

}  // namespace
}  // namespace gonogo
