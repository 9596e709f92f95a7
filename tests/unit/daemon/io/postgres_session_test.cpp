#include "daemon/io/postgres_session.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(PostgresSession, QuotesIdentifiers) {
  EXPECT_EQ(PostgresSession::quoted_identifier("a\"b"), "\"a\"\"b\"");
}

}  // namespace
}  // namespace gonogo
