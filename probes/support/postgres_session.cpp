#include "probes/support/postgres_session.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>

#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "probes/support/resolve.h"
#include "probes/support/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, FreeResult>;

std::string value_of(const PostgresTarget& target, std::string_view keyword) {
  for (const auto& [key, value] : target.parameters) {
    if (key == keyword) return value;
  }
  return {};
}

// The server's first line; its detail may quote data.
std::string first_line(const char* text) {
  const std::string_view all = trimmed(text == nullptr ? "" : text);
  return on_one_line(all.substr(0, all.find('\n')));
}

// SQLSTATE, see PostgreSQL's manual, appendix A.
Reason reason_of_state(std::string_view state) {
  if (state.starts_with("28")) return Reason::auth;
  if (state == "42P01" || state == "42703" || state == "3D000") return Reason::missing;
  if (state == "42501") return Reason::permission;
  if (state == "57014") return Reason::timeout;
  return Reason::database;
}

[[noreturn]] void refuse_connection(PGconn* connection) {
  const std::string text = first_line(PQerrorMessage(connection));
  Reason reason = Reason::connect;
  const auto says = [&text](const char* words) { return text.find(words) != std::string::npos; };
  // libpq gives no code for a failed connection, only words.
  const bool is_unknown_role = says("role \"") && says("does not exist");
  if (says("authentication failed") || says("no password supplied") || says("pg_hba.conf") ||
      is_unknown_role || says("not permitted to log in")) {
    reason = Reason::auth;
  } else if (says("certificate") || says("SSL error") || says("server does not support SSL")) {
    reason = Reason::tls;
  } else if (says("FATAL") || says("database")) {
    reason = Reason::database;
  }
  if (says("does not exist") && says("database \"")) reason = Reason::missing;
  throw LookEnded(Finding::fail(reason, text.empty() ? "connection failed" : text));
}

}  // namespace

struct PostgresSession::Native {
  explicit Native(asio::io_context& on) : loop(on) {}
  ~Native() {
    if (connection != nullptr) PQfinish(connection);
  }
  asio::io_context& loop;
  PGconn* connection = nullptr;
};

std::optional<PostgresTarget> parse_postgres_target(std::string text, std::string& problem) {
  const std::size_t scheme = text.find("://");
  const std::size_t plus = text.find('+');
  // SQLAlchemy names its driver in the scheme; libpq knows no such thing.
  if (scheme != std::string::npos && plus < scheme) text.erase(plus, scheme - plus);
  char* error = nullptr;
  PQconninfoOption* options = PQconninfoParse(text.c_str(), &error);
  if (options == nullptr) {
    PQfreemem(error);  // it quotes what it could not read, the password perhaps
    problem =
        "is no PostgreSQL connection string (such as "
        "postgresql://user:password@host:5432/database)";
    return std::nullopt;
  }
  PostgresTarget target;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) target.parameters.emplace_back(option->keyword, option->val);
  }
  PQconninfoFree(options);
  const std::string host = value_of(target, "host") + value_of(target, "port");
  if (host.find(',') != std::string::npos) {
    problem = "names several hosts (a check looks at one)";
    return std::nullopt;
  }
  return target;
}

PostgresSession::PostgresSession(std::unique_ptr<Native> native) : native_(std::move(native)) {}
PostgresSession::~PostgresSession() = default;

std::string PostgresSession::quoted_identifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

asio::awaitable<void> PostgresSession::wait(bool for_writing) {
  // libpq may change its socket between two calls (it falls back to another protocol version): each
  // wait has its own descriptor, a duplicate that libpq knows nothing of.
  const int copy = ::dup(PQsocket(native_->connection));
  if (copy < 0) throw boost::system::system_error(errno, boost::system::system_category(), "dup");
  asio::posix::stream_descriptor descriptor(native_->loop, copy);
  const auto type = for_writing ? asio::posix::stream_descriptor::wait_write
                                : asio::posix::stream_descriptor::wait_read;
  co_await descriptor.async_wait(type, asio::use_awaitable);
}

asio::awaitable<void> PostgresSession::log_in() {
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;
  while (status != PGRES_POLLING_OK) {
    co_await wait(status == PGRES_POLLING_WRITING);
    status = PQconnectPoll(native_->connection);
    if (status == PGRES_POLLING_FAILED) refuse_connection(native_->connection);
  }
}

asio::awaitable<std::unique_ptr<PostgresSession>> PostgresSession::open(
    const PostgresTarget& target, Resources& resources, Attempt& attempt) {
  std::vector<std::pair<std::string, std::string>> parameters = target.parameters;
  const auto set = [&parameters](const std::string& key, const std::string& value) {
    std::erase_if(parameters, [&key](const auto& entry) { return entry.first == key; });
    parameters.emplace_back(key, value);
  };
  const std::string host = value_of(target, "host");
  attempt.enter(Stage::resolve);
  if (!host.empty() && !host.starts_with('/') && value_of(target, "hostaddr").empty()) {
    // libpq would resolve by getaddrinfo, which blocks.
    const std::vector<asio::ip::address> addresses = co_await resources.resolver.resolve(host);
    set("hostaddr", addresses.front().to_string());
  }
  set("application_name", "gonogo");
  set("gssencmode", "disable");
  set("client_encoding", "UTF8");
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : parameters) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);

  attempt.enter(Stage::connect);
  auto native = std::make_unique<Native>(resources.loop);
  native->connection = PQconnectStartParams(keys.data(), values.data(), 0);
  if (native->connection == nullptr) throw std::bad_alloc();
  if (PQstatus(native->connection) == CONNECTION_BAD) refuse_connection(native->connection);
  std::unique_ptr<PostgresSession> session(new PostgresSession(std::move(native)));
  co_await session->log_in();

  attempt.enter(Stage::login);
  PQsetnonblocking(session->native_->connection, 1);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(attempt.remaining()).count();
  const std::string limits = "SET statement_timeout = " + std::to_string(std::max<long>(left, 1)) +
                             "; SET default_transaction_read_only = on";
  std::vector<std::string> nothing;
  co_await session->query(limits, nothing, 1);
  attempt.enter(Stage::request);
  co_return session;
}

asio::awaitable<std::vector<PostgresRow>> PostgresSession::query(
    std::string statement, std::vector<std::string> parameters, std::size_t most_rows) {
  PGconn* connection = native_->connection;
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  // Only without parameters may one text hold several statements.
  const int sent = parameters.empty() ? PQsendQuery(connection, statement.c_str())
                                      : PQsendQueryParams(connection, statement.c_str(),
                                                          static_cast<int>(values.size()), nullptr,
                                                          values.data(), nullptr, nullptr, 0);
  if (sent == 0) refuse_connection(connection);
  int unsent = PQflush(connection);
  while (unsent == 1) {
    co_await wait(true);
    unsent = PQflush(connection);
  }
  std::vector<PostgresRow> rows;
  while (true) {
    while (PQisBusy(connection) == 1) {
      co_await wait(false);
      if (PQconsumeInput(connection) == 0) refuse_connection(connection);
    }
    const Result result(PQgetResult(connection));
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      if (state == nullptr) refuse_connection(connection);
      throw LookEnded(Finding::fail(
          reason_of_state(state),
          first_line(PQresultErrorMessage(result.get())) + " (SQLSTATE " + state + ")"));
    }
    const auto found = static_cast<std::size_t>(PQntuples(result.get()));
    if (found > most_rows) {
      throw LookEnded(Finding::fail(
          Reason::threshold,
          std::to_string(found) + " rows, wanted at most " + std::to_string(most_rows)));
    }
    for (int row = 0; row < static_cast<int>(found); ++row) {
      PostgresRow values_of_row;
      for (int column = 0; column < PQnfields(result.get()); ++column) {
        if (PQgetisnull(result.get(), row, column) == 1) {
          values_of_row.emplace_back(std::nullopt);
        } else {
          values_of_row.emplace_back(PQgetvalue(result.get(), row, column));
        }
      }
      rows.push_back(std::move(values_of_row));
    }
  }
  co_return rows;
}

}  // namespace gonogo
