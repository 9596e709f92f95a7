#include "probes/shared/row_times.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

struct Case {
  const char* name;
  std::vector<PostgresRow> settings;
  const char* zone;
  const char* doubt;  // how it begins
};
class RowTimesTest : public testing::TestWithParam<Case> {};

TEST_P(RowTimesTest, KnowsTheZoneOfTheDatabase) {
  const RowTimes times = times_of_rows(GetParam().settings);
  EXPECT_EQ(times.zone, GetParam().zone);
  EXPECT_EQ(times.doubt.empty(), std::string(GetParam().doubt).empty()) << times.doubt;
  EXPECT_TRUE(times.doubt.starts_with(GetParam().doubt)) << times.doubt;
  EXPECT_EQ(times.objection, "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, RowTimesTest,
    testing::Values(
        Case{"of_the_server", {{"session", "configuration file", "Etc/UTC"}}, "Etc/UTC", ""},
        Case{"of_the_database",
             {{"all", std::nullopt, "UTC"},
              {"database", std::nullopt, "Europe/Berlin"},
              {"session", "user", "UTC"}},
             "Europe/Berlin",
             "the database's zone is Europe/Berlin"},
        Case{"of_all_databases",
             {{"all", std::nullopt, "Asia/Tokyo"}, {"session", "client", "UTC"}},
             "Asia/Tokyo",
             "the database's zone is Asia/Tokyo"},
        Case{"hidden_by_the_role",
             {{"session", "user", "UTC"}},
             "",
             "the database's zone is hidden"},
        Case{"hidden_by_the_client",
             {{"session", "client", "UTC"}},
             "",
             "the database's zone is hidden"},
        Case{"a_writer_with_its_own",
             {{"database", std::nullopt, "utc"},
              {"role", "app", "Europe/Berlin"},
              {"session", "database", "UTC"}},
             "utc",
             "the role \"app\", which may write it, has the zone Europe/Berlin"},
        Case{"a_writer_with_the_same",
             {{"database", std::nullopt, "UTC"}, {"role", "app", "GMT"}},
             "UTC",
             ""},
        Case{"nothing", {}, "", "the database's zone is hidden"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(RowTimes, NamesAColumnThatHoldsNoTimes) {
  const RowTimes times =
      times_of_rows({{"column", "beat", "interval"}, {"session", "configuration file", "UTC"}});
  EXPECT_TRUE(times.objection.starts_with("column \"beat\" is an interval, wanted a timestamptz"))
      << times.objection;
}

}  // namespace
}  // namespace gonogo
