// A PostgreSQL connection on the loop, by libpq's non-blocking calls: nothing here blocks, and
// abandoning a look drops the connection. (libpqxx 6 has no non-blocking connect and loses a result
// for each query that a broken connection aborts.)
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gonogo {

struct Resources;
class Attempt;

// A parsed connection string.
struct PostgresTarget {
  std::vector<std::pair<std::string, std::string>> parameters;  // libpq's keywords
};

// A URL or keyword string as libpq takes it; SQLAlchemy's "postgresql+driver://" too. Nothing, and
// why in `problem` (never showing the password), when it is anything else.
std::optional<PostgresTarget> parse_postgres_target(std::string text, std::string& problem);

using PostgresRow = std::vector<std::optional<std::string>>;

class PostgresSession {
 public:
  // Enters resolve, connect and login. Statements are read-only and end at the server when the
  // look's time is up. Throws LookEnded (dns, connect, auth, tls, database) or system_error.
  static boost::asio::awaitable<std::unique_ptr<PostgresSession>> open(const PostgresTarget& target,
                                                                       Resources& resources,
                                                                       Attempt& attempt);
  ~PostgresSession();

  // At most `most_rows` rows. Throws LookEnded (missing for an unknown table or column, permission,
  // database) with the server's own words.
  boost::asio::awaitable<std::vector<PostgresRow>> query(std::string statement,
                                                         std::vector<std::string> parameters,
                                                         std::size_t most_rows);

  static std::string quoted_identifier(std::string_view name);

 private:
  struct Native;
  explicit PostgresSession(std::unique_ptr<Native> native);
  boost::asio::awaitable<void> wait(bool for_writing);
  boost::asio::awaitable<void> log_in();

  std::unique_ptr<Native> native_;
};

}  // namespace gonogo
