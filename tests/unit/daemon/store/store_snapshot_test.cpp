#include "daemon/store/store_snapshot.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

class StoreSnapshotTest : public testing::Test {
 protected:
  // As the daemon has its store open.
  static void open(SqliteDatabase& database) {
    database.run(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT; "
        "CREATE TABLE IF NOT EXISTS t (x)");
  }
  static std::int64_t count(const std::string& path) {
    const StoreSnapshot snapshot(path);
    SqliteStatement rows(snapshot.database(), "SELECT count(*) FROM t");
    rows.step();
    return rows.number(0);
  }

  Scratch scratch;
  std::string path = scratch.path("s.db");
};

TEST_F(StoreSnapshotTest, HoldsWhatWasCommittedAndNothingElse) {
  SqliteDatabase database(path);
  open(database);
  database.run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(count(path), 1);
  database.run("BEGIN; INSERT INTO t VALUES (2)");
  EXPECT_EQ(count(path), 1);
  database.run("COMMIT");
  EXPECT_EQ(count(path), 2);
  database.run("PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(count(path), 2);
  database.run("INSERT INTO t VALUES (3)");
  EXPECT_EQ(count(path), 3);
}

TEST_F(StoreSnapshotTest, WhoHasTheStoreIsNotDisturbed) {
  SqliteDatabase database(path);
  open(database);
  const StoreSnapshot snapshot(path);
  database.run("INSERT INTO t VALUES (1); PRAGMA wal_checkpoint(TRUNCATE)");
  EXPECT_EQ(database.number("SELECT count(*) FROM t"), 1);
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(scratch.path(""))) {
    ++files;
    EXPECT_TRUE(entry.path().string().find("s.db") != std::string::npos) << entry.path();
  }
  EXPECT_EQ(files, 2) << "the database and its log";
  SqliteStatement rows(snapshot.database(), "SELECT count(*) FROM t");
  ASSERT_TRUE(rows.step());
  EXPECT_EQ(rows.number(0), 0) << "the copy is of that moment";
}

TEST_F(StoreSnapshotTest, WhatIsNoStoreIsNamedWithItsPath) {
  const auto refused = [](const std::string& at) {
    try {
      StoreSnapshot snapshot(at);
      return std::string();
    } catch (const SqliteError& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(refused(path), path + ": No such file or directory");
  EXPECT_NE(refused(scratch.path("")).find("no regular file"), std::string::npos);
  ASSERT_EQ(::mkfifo(scratch.path("fifo").c_str(), 0600), 0);
  EXPECT_NE(refused(scratch.path("fifo")).find("no regular file"), std::string::npos);
  const std::string other = scratch.write("other", std::string(8192, 'x'));
  const std::string text = refused(other);
  EXPECT_EQ(text.find(other + ": is damaged, or no store of gonogo"), 0U) << text;
}

}  // namespace
}  // namespace gonogo
