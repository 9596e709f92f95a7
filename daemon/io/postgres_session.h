// A PostgreSQL connection on the loop, by libpq's non-blocking calls: nothing here blocks, and
// abandoning a run drops the connection. (libpqxx 6 has no non-blocking connect and loses a result
// for each query that a broken connection aborts.)
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/io/conn.h"

namespace gonogo {

struct Io;
class Attempt;
class Settings;

// A parsed connection string.
struct PostgresTarget {
  std::vector<std::pair<std::string, std::string>> parameters;  // libpq's keywords
  std::optional<HostPort> connect_to;  // instead of the string's host; TLS still proves its name
  // Rows that a row-level security policy hides from this role: by default a statement that would
  // not see them all is not judged (see query()).
  bool may_see_part = false;
  std::vector<std::pair<std::string, std::string>> variables;  // set before anything is asked
};

// Reads database, connect_to, row_security and set; problems go to `settings`, which never shows
// the password.
PostgresTarget read_postgres_target(Settings& settings);

// A URL or keyword string as libpq takes it; SQLAlchemy's "postgresql+driver://" too. Nothing, and
// why in `problem` (never showing the password), when it is anything else.
std::optional<PostgresTarget> parse_postgres_target(std::string text, std::string& problem);

using PostgresRow = std::vector<std::optional<std::string>>;

// The result of the last statement.
struct PostgresTable {
  struct Column {
    std::string name;
    unsigned type = 0;  // its OID in pg_type
  };
  std::vector<Column> columns;
  std::vector<PostgresRow> rows;
};

// An array with one object for each row: numbers, booleans and JSON as such, the rest as texts.
nlohmann::json to_json(const PostgresTable& table);

class PostgresSession {
 public:
  // Enters resolve, connect and login. Statements are read-only, and the server ends them
  // at the run's deadline. Throws IoError (dns, connect, auth, tls, database) or system_error.
  static boost::asio::awaitable<std::unique_ptr<PostgresSession>> open(const PostgresTarget& target,
                                                                       Io& io, Attempt& attempt);
  ~PostgresSession();

  // At most `most_rows` rows and 4 MiB. Throws IoError (missing for an unknown table or column,
  // permission, database, threshold) with the server's own words; it cannot judge when row-level
  // security would hide rows from this role, for then zero rows do not mean that there are none.
  boost::asio::awaitable<PostgresTable> query(std::string statement,
                                              std::vector<std::string> parameters,
                                              std::size_t most_rows);

  // Such as 150018.
  int server_version() const;

  static std::string quoted_identifier(std::string_view name);

 private:
  struct Native;
  explicit PostgresSession(std::unique_ptr<Native> native);
  boost::asio::awaitable<void> wait(bool for_writing);
  boost::asio::awaitable<void> log_in();

  std::unique_ptr<Native> native_;
};

}  // namespace gonogo
