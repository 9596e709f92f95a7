#include "daemon/io/postgres_session.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <nlohmann/json.hpp>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"
#include "daemon/core/probe.h"
#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/io/each_address.h"
#include "daemon/io/io.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, FreeResult>;

// The first line of the server's message: the detail after it may quote data.
std::string first_line(const char* text) {
  const std::string all = cleaned(trimmed(text == nullptr ? "" : text), {});
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

[[noreturn]] void refuse_connection(PGconn* connection);

constexpr std::size_t most_bytes = 4 << 20;

// True for the error that check_enable_rls() of the server's rls.c raises when row_security is
// off. It is recognised by that function, because the words may be in any language.
bool is_row_security(const PGresult* result, std::string_view state) {
  const char* function = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);
  return state == "42501" && function != nullptr &&
         std::string_view(function) == "check_enable_rls";
}

[[noreturn]] void refuse_result(const PGresult* result, PGconn* connection) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  if (state == nullptr) refuse_connection(connection);
  const std::string text = first_line(PQresultErrorMessage(result)) + " (SQLSTATE " + state + ")";
  if (is_row_security(result, state)) {
    throw IoError::cannot_judge(
        Reason::permission, "cannot judge: row-level security hides rows from this role; " + text);
  }
  throw IoError(reason_of_state(state), text);
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
  // The words of a server that has no memory or descriptors left come after FATAL.
  const bool is_of_server = says("FATAL") || says("ERROR");
  const bool is_ours = has_words_of_own_error(text.c_str()) || text == "out of memory";
  if (is_ours && !is_of_server) throw IoError::cannot_judge(Reason::prober, text);
  throw IoError(reason, text.empty() ? "connection failed" : text);
}

// Returns the size of the rows in bytes.
std::size_t take_rows(const PGresult* result, PostgresTable& table) {
  if (table.columns.empty()) {
    for (int column = 0; column < PQnfields(result); ++column)
      table.columns.push_back({PQfname(result, column), PQftype(result, column)});
  }
  std::size_t bytes = 0;
  for (int row = 0; row < PQntuples(result); ++row) {
    PostgresRow values;
    for (int column = 0; column < PQnfields(result); ++column) {
      values.emplace_back();
      if (PQgetisnull(result, row, column) == 1) continue;
      values.back().emplace(PQgetvalue(result, row, column),
                            static_cast<std::size_t>(PQgetlength(result, row, column)));
      bytes += values.back()->size();
    }
    table.rows.push_back(std::move(values));
  }
  return bytes;
}

}  // namespace

// Replaces what the keyword had before.
void PostgresSession::set(Parameters& parameters, const std::string& keyword,
                          const std::string& value) {
  std::erase_if(parameters, [&keyword](const auto& entry) { return entry.first == keyword; });
  parameters.emplace_back(keyword, value);
}

struct PostgresSession::Native {
  explicit Native(asio::io_context& on) : loop(on) {}
  ~Native() {
    if (connection != nullptr) PQfinish(connection);
  }
  asio::io_context& loop;
  PGconn* connection = nullptr;
};

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

// Ends when the server has accepted the connection: it has not said anything yet.
asio::awaitable<std::unique_ptr<PostgresSession>> PostgresSession::connect(Parameters parameters,
                                                                           Io& io) {
  std::vector<const char*> keys;
  std::vector<const char*> values;
  for (const auto& [key, value] : parameters) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  auto native = std::make_unique<Native>(io.loop);
  native->connection = PQconnectStartParams(keys.data(), values.data(), 0);
  PGconn* connection = native->connection;
  if (connection == nullptr) throw std::bad_alloc();
  std::unique_ptr<PostgresSession> session(new PostgresSession(std::move(native)));
  if (PQstatus(connection) == CONNECTION_BAD) refuse_connection(connection);
  while (PQstatus(connection) == CONNECTION_STARTED) {
    co_await session->wait(true);
    if (PQconnectPoll(connection) == PGRES_POLLING_FAILED) refuse_connection(connection);
  }
  co_return session;
}

asio::awaitable<std::unique_ptr<PostgresSession>> PostgresSession::connect_to_first(
    const PostgresTarget& target, Io& io, Attempt& attempt) {
  Parameters parameters = target.parameters;
  set(parameters, "application_name", "gonogo");
  set(parameters, "gssencmode", "disable");
  set(parameters, "client_encoding", "UTF8");
  std::optional<HostPort> where = target.connect_to;
  const std::string host = value_of(target, "host");
  const bool is_named =
      !host.empty() && !host.starts_with('/') && value_of(target, "hostaddr").empty();
  if (!where && is_named) where = HostPort{host, 0};
  if (!where) {
    attempt.enter(Stage::connect);
    auto connecting = connect(std::move(parameters), io);
    co_return co_await std::move(connecting);
  }
  // libpq would resolve by getaddrinfo, which blocks. It goes on with the host's name for TLS and
  // for its password file.
  auto finding = endpoints_of(*where, io, attempt);
  std::vector<Endpoint> endpoints = co_await std::move(finding);
  if (host.empty()) set(parameters, "host", where->host);
  if (where->port != 0) set(parameters, "port", std::to_string(where->port));
  attempt.enter(Stage::connect);
  EachAddress<std::unique_ptr<PostgresSession>> each(
      std::move(endpoints), [&parameters, &io](Endpoint endpoint, SteadyTime) {
        Parameters own = parameters;
        set(own, "hostaddr", address_of(endpoint).to_string());
        return connect(std::move(own), io);
      });
  auto trying = first_answer(std::move(each), io, attempt);
  co_return co_await std::move(trying);
}

asio::awaitable<std::unique_ptr<PostgresSession>> PostgresSession::open(
    const PostgresTarget& target, Io& io, Attempt& attempt) {
  auto connecting = connect_to_first(target, io, attempt);
  std::unique_ptr<PostgresSession> session = co_await std::move(connecting);
  co_await session->log_in();

  attempt.enter(Stage::login);
  PQsetnonblocking(session->native_->connection, 1);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(attempt.remaining()).count();
  std::string limits = "SET statement_timeout = " + std::to_string(std::max<long>(left, 1)) +
                       "; SET default_transaction_read_only = on";
  if (!target.may_see_part) limits += "; SET row_security = off";
  std::vector<std::string> nothing;
  co_await session->query(limits, nothing, 1);
  for (const auto& variable : target.variables) {
    std::vector<std::string> pair{variable.first, variable.second};
    co_await session->query("SELECT set_config($1, $2, false)", std::move(pair), 1);
  }
  attempt.enter(Stage::request);
  co_return session;
}

asio::awaitable<PostgresTable> PostgresSession::query(std::string statement,
                                                      std::vector<std::string> parameters,
                                                      std::size_t most_rows) {
  PGconn* connection = native_->connection;
  std::vector<const char*> values;
  for (const std::string& parameter : parameters) values.push_back(parameter.c_str());
  // A text with several statements is allowed only without parameters.
  const int sent = parameters.empty() ? PQsendQuery(connection, statement.c_str())
                                      : PQsendQueryParams(connection, statement.c_str(),
                                                          static_cast<int>(values.size()), nullptr,
                                                          values.data(), nullptr, nullptr, 0);
  if (sent == 0) refuse_connection(connection);
  // Row by row: reading a table that is too large ends at the bound.
  PQsetSingleRowMode(connection);
  int unsent = PQflush(connection);
  while (unsent == 1) {
    co_await wait(true);
    unsent = PQflush(connection);
  }
  PostgresTable table;
  std::size_t bytes = 0;
  bool is_new = true;
  while (true) {
    while (PQisBusy(connection) == 1) {
      co_await wait(false);
      if (PQconsumeInput(connection) == 0) refuse_connection(connection);
    }
    const Result result(PQgetResult(connection));
    if (!result) break;
    const ExecStatusType status = PQresultStatus(result.get());
    const bool is_fine =
        status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    if (!is_fine) refuse_result(result.get(), connection);
    if (is_new && status != PGRES_COMMAND_OK) table = {};
    is_new = status != PGRES_SINGLE_TUPLE;
    bytes += take_rows(result.get(), table);
    if (table.rows.size() > most_rows || bytes > most_bytes) {
      throw IoError(Reason::threshold, "more than " + std::to_string(most_rows) +
                                           " rows or 4MiB, the most that is read");
    }
  }
  co_return table;
}

int PostgresSession::server_version() const { return PQserverVersion(native_->connection); }

nlohmann::json to_json(const PostgresTable& table) {
  // pg_type.dat: bool, int8, int2, int4, oid, json, float4, float8, numeric, jsonb.
  const auto value_of_field = [](unsigned type, const std::string& text) -> nlohmann::json {
    const bool is_number = type == 20 || type == 21 || type == 23 || type == 26 || type == 700 ||
                           type == 701 || type == 1700;
    if (type == 16) return text == "t";
    if (!is_number && type != 114 && type != 3802) return text;
    nlohmann::json parsed = nlohmann::json::parse(text, nullptr, false);
    return parsed.is_discarded() ? nlohmann::json(text) : parsed;
  };
  nlohmann::json rows = nlohmann::json::array();
  for (const PostgresRow& row : table.rows) {
    nlohmann::json object = nlohmann::json::object();
    for (std::size_t i = 0; i < row.size(); ++i) {
      const PostgresTable::Column& column = table.columns[i];
      object[column.name] = row[i] ? value_of_field(column.type, *row[i]) : nlohmann::json(nullptr);
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

}  // namespace gonogo
