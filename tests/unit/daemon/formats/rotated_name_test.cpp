#include "daemon/formats/rotated_name.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

struct Case {
  const char* log;
  const char* name;
  bool is_rotation;
  bool is_packed;
};

const Case cases[] = {
    // What logrotate 3.21 makes of app.log: numbers, compress, extension, dateext with dateformat.
    {"app.log", "app.log.1", true, false},
    {"app.log", "app.log.0", true, false},
    {"app.log", "app.log.20260101", true, false},
    {"app.log", "app.log.2.gz", true, true},
    {"app.log", "app.log.2.xz", true, true},
    {"app.log", "app.1.log", true, false},
    {"app.log", "app.3.log.gz", true, true},
    {"app.log", "app.log-20261130", true, false},
    {"app.log", "app.log-20261130.gz", true, true},
    {"app.log", "app.log-2026113009", true, false},
    {"app.log", "app.log-2026-11-30", true, false},
    {"app.log", "app.log-20261130-1796031097", true, false},
    {"app.log", "app.log.1796031097", true, false},
    {"app.log", "app.log.2026-11-30_09:31:37", true, false},
    {"app.log", "app.log.2026-11-30T093137", true, false},
    {"app.log", "app.log20261130", true, false},
    {"app.log", "app.log-2026-W49", true, false},
    {"app.log", "app.log-30-11-2026", true, false},
    {"app.log", "app-20261130.log", true, false},
    {"app.log", "app-20261130.log.gz", true, true},
    {"app.log", "app.2026-11-30.log", true, false},
    {"app.log", "app20261130.log", true, false},
    // Other programs: Logback, Log4j, Python's logging, PostgreSQL, pm2-logrotate.
    {"app.log", "app.2026-11-30.3.log", true, false},
    {"app.log", "app-2026-11-30-3.log.gz", true, true},
    {"app.log", "app-11-30-2026-1.log.gz", true, true},
    {"app.log", "app.log.2026-11-30_10-00", true, false},
    {"app.log", "app.log.2026-11-30.1", true, false},
    {"app-out.log", "app-out__2026-11-30_00-00-00.log", true, false},
    {"access", "access-20261130", true, false},
    {"access", "access.1", true, false},
    {".app", ".app.1", true, false},
    {"app.log.1", "app.log.1.1", true, false},
    {"app.gz", "app.gz.1", true, false},
    // Other logs and other files.
    {"app.log", "app.log", false, false},
    {"app.log", "app-error.log", false, false},
    {"app.log", "app-error.log.1", false, false},
    {"app.log", "app-error-20261130.log", false, false},
    {"app.log", "app-20261130-error.log", false, false},
    {"app.log", "application.log", false, false},
    {"app.log", "app.error.log", false, false},
    {"app.log", "app.log.error", false, false},
    {"app.log", "app.log.error.1", false, false},
    {"app.log", "app.log.bak", false, false},
    {"app.log", "app.log.old", false, false},
    {"app.log", "app.log~", false, false},
    {"app.log", "app.log.", false, false},
    {"app.log", "app.log-", false, false},
    {"app.log", "app.log..1", false, false},
    {"app.log", "app.log-2", false, false},
    {"app.log", "app.log2", false, false},
    {"app.log", "app-2.log", false, false},
    {"app.log", "app2.log", false, false},
    {"app.log", "app_1.log", false, false},
    {"app.log", "app.8080.log", false, false},
    {"app.log", "app-192.168.10.12.log", false, false},
    {"app.log", "app-123456.log", false, false},
    {"app.log", "app-20261330.log", false, false},
    {"app.log", "app-20261130.txt", false, false},
    {"app.log", "app.log.1.swp", false, false},
    {"app.log", "my-app.log.1", false, false},
    {"app.log", "app", false, false},
    {"app.log", "", false, false},
    {"app", "app.log", false, false},
    {"app", "application", false, false},
    {"app", "app-2", false, false},
    {"a.log", "a1.log", false, false},
    {"", ".1", false, false},
};

class RotatedNames : public testing::TestWithParam<Case> {};

TEST_P(RotatedNames, AreTheLogsOwn) {
  const Case& expected = GetParam();
  const RotatedName found = rotated_name(expected.log, expected.name);
  EXPECT_EQ(found.is_rotation, expected.is_rotation) << expected.log << ", " << expected.name;
  if (expected.is_rotation) {
    EXPECT_EQ(found.is_packed, expected.is_packed) << expected.log << ", " << expected.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Table, RotatedNames, testing::ValuesIn(cases));

}  // namespace
}  // namespace gonogo
