#include "daemon/formats/crontab.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(Crontab, IsReadWithUsersVariablesAndPercentSigns) {
  const Crontab table = parse_crontab("/etc/crontab", R"(# comment
SHELL=/bin/sh
MAILTO="ops@example.org"
CRON_TZ = "Europe/Berlin"

15 2 * * *  root  /opt/app/backup.sh --date=\%F%input
@reboot     app   /opt/app/start
@daily  www-data /usr/bin/clean
)",
                                      "");
  ASSERT_EQ(table.problem, "");
  ASSERT_EQ(table.entries.size(), 3U);
  EXPECT_EQ(table.entries[0].user, "root");
  EXPECT_EQ(table.entries[0].command, "/opt/app/backup.sh --date=%F");
  EXPECT_EQ(table.entries[0].zone, "Europe/Berlin");
  EXPECT_EQ(table.entries[0].line, 6);
  EXPECT_FALSE(table.entries[1].cron);
  EXPECT_EQ(table.entries[2].user, "www-data");
}

TEST(Crontab, AUsersTableNamesNoUsers) {
  const Crontab table = parse_crontab("t", "*/5 * * * * run it now\n", "alice");
  EXPECT_EQ(table.entries.at(0).user, "alice");
  EXPECT_EQ(table.entries.at(0).command, "run it now");
}

TEST(Crontab, OneBrokenLineMakesCronIgnoreTheFile) {
  const Crontab table = parse_crontab("t", "0 1 * * * root good\n99 * * * * root bad\n", "");
  EXPECT_TRUE(table.entries.empty());
  EXPECT_NE(table.problem.find("line 2"), std::string::npos) << table.problem;
}

}  // namespace
}  // namespace gonogo
