#include "daemon/formats/migrations.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(Migrations, HeadsAreWhatNothingBuildsOn) {
  EXPECT_EQ(alembic_heads({"revision = 'a'\ndown_revision = None\n",
                           "revision: str = \"b\"\ndown_revision: Union[str, None] = \"a\"\n"}),
            std::set<std::string>{"b"});
  EXPECT_EQ(alembic_heads({"revision='a'\ndown_revision=None", "revision='b'\ndown_revision='a'",
                           "revision='c'\ndown_revision='a'",
                           "revision = 'merge_1'\ndown_revision = (\n    'b',\n    'c',\n)\n"}),
            std::set<std::string>{"merge_1"});
  EXPECT_EQ(alembic_heads({"revision='a'\ndown_revision=None", "revision='b'\ndown_revision=None"}),
            (std::set<std::string>{"a", "b"}));
  EXPECT_TRUE(alembic_heads({"# nothing", "x = 1"}).empty());
  EXPECT_EQ(parse_alembic_heads("merge_20260224_01 (head)\n\n0044 (branch) (head)\n"),
            (std::set<std::string>{"merge_20260224_01", "0044"}));
}

}  // namespace
}  // namespace gonogo
