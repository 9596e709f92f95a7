#include "daemon/formats/postgres_target.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

struct TargetCase {
  const char* text;
  const char* host;
  const char* port;
  const char* name;
};

TEST(PostgresTarget, IsReadAsLibpqReadsIt) {
  const std::vector<TargetCase> cases{
      {"postgresql://u:p@db:5432/cleaning", "db", "5432", "cleaning"},
      {"postgres://u:p@db/cleaning", "db", "", "cleaning"},
      {"postgresql+psycopg://u:p@db:5433/cleaning", "db", "5433", "cleaning"},
      {"postgresql+asyncpg://u:p@[::1]:5432/x", "::1", "5432", "x"},
      {"host=/run/postgresql dbname=x user=u", "/run/postgresql", "", "x"},
      {"host=db port=1 dbname='a b'", "db", "1", "a b"}};
  for (const auto& [text, host, port, name] : cases) {
    std::string problem;
    const auto target = parse_postgres_target(text, problem);
    ASSERT_TRUE(target) << text << ": " << problem;
    EXPECT_EQ(value_of(*target, "host"), host) << text;
    EXPECT_EQ(value_of(*target, "port"), port) << text;
    EXPECT_EQ(value_of(*target, "dbname"), name) << text;
  }
}

TEST(PostgresTarget, NoProblemShowsThePassword) {
  for (const char* text :
       {"postgresql://u:s3cret@[db/x", "s3cret", "postgresql://u:s3cret@a,b/x"}) {
    std::string problem;
    EXPECT_FALSE(parse_postgres_target(text, problem)) << text;
    EXPECT_NE(problem, "");
    EXPECT_EQ(problem.find("s3cret"), std::string::npos);
  }
}

}  // namespace
}  // namespace gonogo
