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

#include "daemon/formats/postgres_target.h"
#include "daemon/io/conn.h"

namespace gonogo {

struct Io;
class Attempt;

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
  // Connects to the first address of the host that answers, as connect() of conn.h does. Enters
  // resolve, connect and login. Statements are read-only, and the server ends them
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
  using Parameters = std::vector<std::pair<std::string, std::string>>;  // libpq's keywords
  explicit PostgresSession(std::unique_ptr<Native> native);
  boost::asio::awaitable<void> wait(bool for_writing);
  static void set(Parameters& parameters, const std::string& keyword, const std::string& value);
  static boost::asio::awaitable<std::unique_ptr<PostgresSession>> connect(Parameters parameters,
                                                                          Io& io);
  static boost::asio::awaitable<std::unique_ptr<PostgresSession>> connect_to_first(
      const PostgresTarget& target, Io& io, Attempt& attempt);
  boost::asio::awaitable<void> log_in();

  std::unique_ptr<Native> native_;
};

}  // namespace gonogo
