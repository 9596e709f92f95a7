// What logrotate 3.21.0 and Caddy 2.6.2 named the files of such logs, each asked; and other
// programs by their documentation.
#include "daemon/formats/rotated_name.h"

#include <gtest/gtest.h>

#include <string>

namespace gonogo {
namespace {

struct Case {
  const char* log;
  const char* name;
  bool is_rotation;
  Packing packing;
};

constexpr Packing none = Packing::none;
constexpr Packing gzip = Packing::gzip;
constexpr Packing other = Packing::other;

const Case cases[] = {
    // What logrotate 3.21 makes of app.log: numbers, compress, extension, dateext with dateformat.
    {"app.log", "app.log.1", true, none},
    {"app.log", "app.log.0", true, none},
    {"app.log", "app.log.20260101", true, none},
    {"app.log", "app.log.2.gz", true, gzip},
    {"app.log", "app.log.2.xz", true, other},
    {"app.log", "app.1.log", true, none},
    {"app.log", "app.3.log.gz", true, gzip},
    {"app.log", "app.log-20261130", true, none},
    {"app.log", "app.log-20261130.gz", true, gzip},
    {"app.log", "app.log-2026113009", true, none},
    {"app.log", "app.log-2026-11-30", true, none},
    {"app.log", "app.log-20261130-1796031097", true, none},
    {"app.log", "app.log.1796031097", true, none},
    {"app.log", "app.log.2026-11-30_09:31:37", true, none},
    {"app.log", "app.log.2026-11-30T093137", true, none},
    {"app.log", "app.log20261130", true, none},
    {"app.log", "app.log-2026-W49", true, none},
    {"app.log", "app.log-30-11-2026", true, none},
    {"app.log", "app-20261130.log", true, none},
    {"app.log", "app-20261130.log.gz", true, gzip},
    {"app.log", "app.2026-11-30.log", true, none},
    {"app.log", "app20261130.log", true, none},
    {"app.log", "app.log-202649", true, none},
    {"app.log", "app.log-202653.gz", true, gzip},
    {"app.log", "app.log-30112026", true, none},
    {"app.log", "app.log-30112026.gz", true, gzip},
    {"app.log", "app.log.1.old", true, none},
    {"app.log", "app.log.1.old.gz", true, gzip},
    {"app.log", "app.log-20261130.bak", true, none},
    {"app.log", "app.1.log.old", true, none},
    {"app", "app.1.log", true, none},
    {"app", "app.1.log.gz", true, gzip},
    {"app", "app-20261130.log", true, none},
    {"app.json", "app.json.1.txt", true, none},
    // Other programs: Logback, Log4j, Python's logging, PostgreSQL, pm2-logrotate.
    {"app.log", "app.2026-11-30.3.log", true, none},
    {"app.log", "app-2026-11-30-3.log.gz", true, gzip},
    {"app.log", "app-11-30-2026-1.log.gz", true, gzip},
    {"app.log", "app.log.2026-11-30_10-00", true, none},
    {"app.log", "app.log.2026-11-30.1", true, none},
    {"app-out.log", "app-out__2026-11-30_00-00-00.log", true, none},
    {"access", "access-20261130", true, none},
    {"access", "access.1", true, none},
    {".app", ".app.1", true, none},
    {"app.log.1", "app.log.1.1", true, none},
    {"app.gz", "app.gz.1", true, none},
    // With stems of one letter and more, by both.
    {"TZ.log", "TZ.2026-11-30_20:25:42.log.gz", true, gzip},
    {"TZ.log", "TZ.log-1796070343", true, none},
    {"TZ.log", "TZ.log-20261130-1796070342.gz", true, gzip},
    {"TZ.log", "TZ.log.1", true, none},
    {"TZ.log", "TZ.log.1.gz", true, gzip},
    {"TZ.log", "TZ.log.1.xz", true, other},
    {"TZ.log", "TZ.log.2", true, none},
    {"TZ.log", "TZ.log.2.gz", true, gzip},
    {"TZ.log", "TZ.log.2.xz", true, other},
    {"W.log", "W.2026-11-30_20:25:42.log.gz", true, gzip},
    {"W.log", "W.log-1796070343", true, none},
    {"W.log", "W.log-20261130-1796070342.gz", true, gzip},
    {"W.log", "W.log.1", true, none},
    {"W.log", "W.log.1.gz", true, gzip},
    {"W.log", "W.log.1.xz", true, other},
    {"W.log", "W.log.2", true, none},
    {"W.log", "W.log.2.gz", true, gzip},
    {"W.log", "W.log.2.xz", true, other},
    {"a", "a-1796070343", true, none},
    {"a", "a-2026-11-30T20-25-33.688.gz", true, gzip},
    {"a", "a-2026-11-30T20-25-33.758.gz", true, gzip},
    {"a", "a-20261130-1796070341.gz", true, gzip},
    {"a", "a.1", true, none},
    {"a", "a.1.gz", true, gzip},
    {"a", "a.1.xz", true, other},
    {"a", "a.2", true, none},
    {"a", "a.2.gz", true, gzip},
    {"a", "a.2.xz", true, other},
    {"a", "a.2026-11-30_20:25:42.gz", true, gzip},
    {"a.log", "a-2026-11-30T20-25-30.005.log.gz", true, gzip},
    {"a.log", "a-2026-11-30T20-25-30.076.log.gz", true, gzip},
    {"a.log", "a.2026-11-30_20:25:42.log.gz", true, gzip},
    {"a.log", "a.log-1796070343", true, none},
    {"a.log", "a.log-20261130-1796070341.gz", true, gzip},
    {"a.log", "a.log.1", true, none},
    {"a.log", "a.log.1.gz", true, gzip},
    {"a.log", "a.log.1.xz", true, other},
    {"a.log", "a.log.2", true, none},
    {"a.log", "a.log.2.gz", true, gzip},
    {"a.log", "a.log.2.xz", true, other},
    {"ab", "ab-1796070343", true, none},
    {"ab", "ab-2026-11-30T20-25-35.548.gz", true, gzip},
    {"ab", "ab-2026-11-30T20-25-35.677.gz", true, gzip},
    {"ab", "ab-20261130-1796070341.gz", true, gzip},
    {"ab", "ab.1", true, none},
    {"ab", "ab.1.gz", true, gzip},
    {"ab", "ab.1.xz", true, other},
    {"ab", "ab.2", true, none},
    {"ab", "ab.2.gz", true, gzip},
    {"ab", "ab.2.xz", true, other},
    {"ab", "ab.2026-11-30_20:25:42.gz", true, gzip},
    {"ab.log", "ab-2026-11-30T20-25-31.861.log.gz", true, gzip},
    {"ab.log", "ab-2026-11-30T20-25-31.931.log.gz", true, gzip},
    {"ab.log", "ab.2026-11-30_20:25:42.log.gz", true, gzip},
    {"ab.log", "ab.log-1796070343", true, none},
    {"ab.log", "ab.log-20261130-1796070341.gz", true, gzip},
    {"ab.log", "ab.log.1", true, none},
    {"ab.log", "ab.log.1.gz", true, gzip},
    {"ab.log", "ab.log.1.xz", true, other},
    {"ab.log", "ab.log.2", true, none},
    {"ab.log", "ab.log.2.gz", true, gzip},
    {"ab.log", "ab.log.2.xz", true, other},
    {"access_api.log", "access_api-2026-11-30T20-25-27.990.log.gz", true, gzip},
    {"access_api.log", "access_api-2026-11-30T20-25-28.149.log.gz", true, gzip},
    {"app.log", "app.2026-11-30_20:25:42.log.gz", true, gzip},
    {"app.log", "app.log-1796070343", true, none},
    {"app.log", "app.log-20261130-1796070341.gz", true, gzip},
    {"app.log", "app.log.1.gz", true, gzip},
    {"app.log", "app.log.1.xz", true, other},
    {"app.log", "app.log.2", true, none},
    {"db", "db-1796070343", true, none},
    {"db", "db-20261130-1796070341.gz", true, gzip},
    {"db", "db.1", true, none},
    {"db", "db.1.gz", true, gzip},
    {"db", "db.1.xz", true, other},
    {"db", "db.2", true, none},
    {"db", "db.2.gz", true, gzip},
    {"db", "db.2.xz", true, other},
    {"db", "db.2026-11-30_20:25:42.gz", true, gzip},
    {"x.y.log", "x.y-2026-11-30T20-25-37.567.log", true, none},
    {"x.y.log", "x.y-2026-11-30T20-25-37.705.log", true, none},
    {"access.log", "access-2026-11-28T02-16-17.624-size.log.gz", true, gzip},
    {"access.log", "access-2026-11-28T02-16-17.624-time.log", true, none},
    {"access_api.log", "access_api-2026-11-28T02-16-17.624.log.gz", true, gzip},
    {"access.log", "access_api-2026-11-28T02-16-17.624.log.gz", false, none},
    {"access.log", "access-size.log", false, none},
    {"a.log", "ab-2026-11-28T02-16-17.624.log", false, none},
    {"a", "a.log.1", false, none},
    {"ab", "abc.1.gz", false, none},
    {"a.log", "aa.log.1", false, none},
    // Other logs and other files.
    {"app.log", "app.log", false, none},
    {"app.log", "app-error.log", false, none},
    {"app.log", "app-error.log.1", false, none},
    {"app.log", "app-error-20261130.log", false, none},
    {"app.log", "app-20261130-error.log", false, none},
    {"app.log", "application.log", false, none},
    {"app.log", "app.error.log", false, none},
    {"app.log", "app.log.error", false, none},
    {"app.log", "app.log.error.1", false, none},
    {"app.log", "app.log.bak", false, none},
    {"app.log", "app.log.old", false, none},
    {"app.log", "app.log~", false, none},
    {"app.log", "app.log.", false, none},
    {"app.log", "app.log-", false, none},
    {"app.log", "app.log..1", false, none},
    {"app.log", "app.log-2", false, none},
    {"app.log", "app.log2", false, none},
    {"app.log", "app-2.log", false, none},
    {"app.log", "app2.log", false, none},
    {"app.log", "app_1.log", false, none},
    {"app.log", "app.8080.log", false, none},
    {"app.log", "app-192.168.10.12.log", false, none},
    {"app.log", "app-123456.log", false, none},
    {"app.log", "app-20261330.log", false, none},
    {"app.log", "app-20261130.txt", false, none},
    {"app.log", "app.log.1.swp", false, none},
    {"app.log", "app.log.old.1", false, none},
    {"app.log", "app.log.1.tmp", false, none},
    {"app.log", "app.log-202654", false, none},
    {"app.log", "app.log-32112026", false, none},
    {"app.log", "app.log-1130", false, none},
    {"app", "app.log.old", false, none},
    {"app", "app.old", false, none},
    {"app", "app-2.log", false, none},
    {"app", "app.txt", false, none},
    {"app.log", "my-app.log.1", false, none},
    {"app.log", "app", false, none},
    {"app.log", "", false, none},
    {"app", "app.log", false, none},
    {"app", "application", false, none},
    {"app", "app-2", false, none},
    {"a.log", "a1.log", false, none},
    {"", ".1", false, none},
};

class RotatedNames : public testing::TestWithParam<Case> {};

TEST_P(RotatedNames, AreTheLogsOwn) {
  const Case& expected = GetParam();
  const RotatedName found = rotated_name(expected.log, expected.name);
  EXPECT_EQ(found.is_rotation, expected.is_rotation) << expected.log << ", " << expected.name;
  if (expected.is_rotation) {
    EXPECT_EQ(found.packing, expected.packing) << expected.log << ", " << expected.name;
  }
}

TEST(RotatedName, TellsWhichIsOlderWhereItHasADate) {
  const auto moment = [](const char* name) { return rotated_name("app.log", name).moment; };
  EXPECT_EQ(moment("app-2026-11-28T02-16-17.624.log.gz"),
            (std::vector<std::uint64_t>{2026, 11, 28, 2, 16, 17, 624}));
  EXPECT_LT(moment("app-2026-11-28T02-16-17.624.log.gz"),
            moment("app-2026-11-28T02-16-18.001.log"));
  EXPECT_LT(moment("app-2026-11-28T02-16-17.624.log.gz"),
            moment("app-2026-11-28T02-16-17.700-size.log"));
  EXPECT_LT(moment("app.2026-11-30.3.log"), moment("app.2026-11-30.10.log"));
  EXPECT_LT(moment("app.log-20261130-1796031097"), moment("app.log-20261130-1796031098.gz"));
  EXPECT_LT(moment("app.log.1796031097"), moment("app.log.1796031098"));
  EXPECT_TRUE(moment("app.log.1").empty());
  EXPECT_TRUE(moment("app.1.log.gz").empty());
  EXPECT_TRUE(moment("app.log-30-11-2026").empty()) << "written backwards";
  EXPECT_TRUE(moment("app.log-30112026").empty()) << "written backwards";
  EXPECT_LT(moment("app.log-202648"), moment("app.log-202649.gz"));
}

TEST(RotatedName, IsTheSameWhetherItIsPackedOrNot) {
  const std::string packed = "app-2026-11-28T02-16-17.624.log.gz";
  EXPECT_EQ(packed.substr(0, rotated_name("app.log", packed).plain_size),
            "app-2026-11-28T02-16-17.624.log");
  EXPECT_EQ(rotated_name("app.log", "app.log.1").plain_size, 9U);
  EXPECT_EQ(rotated_name("app.log", "app.log.1").marked_size, 9U);
  EXPECT_EQ(rotated_name("app.log", "app.log.1.bak.gz").plain_size, 13U);
  EXPECT_EQ(rotated_name("app.log", "app.log.1.bak.gz").marked_size, 9U);
}

INSTANTIATE_TEST_SUITE_P(Table, RotatedNames, testing::ValuesIn(cases));

}  // namespace
}  // namespace gonogo
