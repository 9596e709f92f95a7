// What a PostgreSQL database says of the times in the rows of a table.
#pragma once

#include <string>
#include <vector>

#include "daemon/io/postgres_session.h"

namespace gonogo {

struct RowTimes {
  std::string zone;       // of the database, or empty while it is not known
  std::string doubt;      // why times without a zone are not judged; empty when they are UTC
  std::string objection;  // a column that holds no times
};

constexpr std::size_t most_time_settings = 1000;

// Its rows are settings of the time zone: whose it is ("database", "all" databases, a "role" that
// may write the table $1, or this "session"), the name of the role or where the session has its
// zone from, and the zone. And a "column" $2 or $3 that holds no times: its name, and its type.
extern const char* const times_statement;

// The database's zone counts, which sessions have that write rows. The one of this session may be
// its role's own, or its client's.
RowTimes times_of_rows(const std::vector<PostgresRow>& settings);

}  // namespace gonogo
