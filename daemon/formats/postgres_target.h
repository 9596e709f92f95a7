// The database, server and role that a PostgreSQL connection string names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/formats/address.h"

namespace gonogo {

class Settings;

// A parsed connection string.
struct PostgresTarget {
  std::vector<std::pair<std::string, std::string>> parameters;  // libpq's keywords
  std::optional<HostPort>
      connect_to;  // instead of the host in the string; TLS still verifies that host's name
  // A row-level security policy may hide rows from this role. By default a statement that would not
  // see all rows is not judged (see PostgresSession::query).
  bool may_see_part = false;
  std::vector<std::pair<std::string, std::string>> variables;  // set before the first query
};

// Reads database, connect_to, row_security and set; problems go to `settings`, which never shows
// the password.
PostgresTarget read_postgres_target(Settings& settings);

// Reads a URL or keyword string as libpq does, and SQLAlchemy's "postgresql+driver://" as that
// driver does. Returns nothing for anything else, and sets `problem`, which never shows the
// password.
std::optional<PostgresTarget> parse_postgres_target(const std::string& text, std::string& problem);

// The value of one of libpq's keywords ("host"); empty when the string does not have it.
std::string value_of(const PostgresTarget& target, std::string_view keyword);

}  // namespace gonogo
