#include "probes/postgres.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/json_conditions.h"
#include "daemon/io/postgres_session.h"
#include "daemon/io/subprocess.h"
#include "probes/resources.h"
#include "probes/shared/migration_rules.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_rows = 1000;

struct RowsExpectation {
  std::optional<std::int64_t> min_rows;
  std::optional<std::int64_t> max_rows;
  std::optional<std::string> equals;
  std::optional<double> min;
  std::optional<double> max;
  Pattern matches;
  JsonConditions json;
  bool asks_scalar() const { return equals || min || max || matches; }
};

struct PostgresSettings {
  PostgresTarget target;
  std::optional<int> min_version;  // as server_version_num
  std::optional<bool> primary;
  std::string query;
  RowsExpectation expect;
  std::optional<RowsExpectation> warn;
  std::optional<MigrationRules> migrations;
  std::optional<double> max_connections_percent;
  std::optional<double> warn_connections_percent;
  std::optional<std::int64_t> min_standbys;
  std::optional<Duration> max_lag;
};

std::string version_in_words(int number) {
  return std::to_string(number / 10000) + "." + std::to_string(number % 10000);
}

std::optional<double> number_of(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  // NaN is neither below nor above a bound, and would meet any.
  if (!std::isfinite(number)) return std::nullopt;
  return number;
}

using Objection = std::optional<std::pair<Reason, std::string>>;

std::size_t size_of(const PostgresTable& table) {
  std::size_t size = 0;
  for (const PostgresRow& row : table.rows) {
    for (const auto& value : row) size += value ? value->size() : 0;
  }
  return size;
}

// Which expectation beside the jq expressions the rows break; nothing when they meet all.
std::optional<std::pair<Reason, std::string>> objection_to_rows(const PostgresTable& table,
                                                                const RowsExpectation& wanted) {
  const auto rows = static_cast<std::int64_t>(table.rows.size());
  const std::string count = counted(rows, "row");
  if (wanted.min_rows && rows < *wanted.min_rows)
    return std::pair{Reason::threshold,
                     count + ", wanted at least " + std::to_string(*wanted.min_rows)};
  if (wanted.max_rows && rows > *wanted.max_rows)
    return std::pair{Reason::threshold,
                     count + ", wanted at most " + std::to_string(*wanted.max_rows)};
  if (wanted.asks_scalar()) {
    if (rows != 1 || table.columns.size() != 1)
      return std::pair{Reason::content, count + " of " + counted(table.columns.size(), "column") +
                                            ", wanted a single value"};
    const std::optional<std::string>& value = table.rows[0][0];
    const std::string seen = value ? in_quotes(*value) : "NULL";
    if (!value) return std::pair{Reason::content, "the value is NULL, wanted one"};
    if (wanted.equals && *value != *wanted.equals)
      return std::pair{Reason::content,
                       "the value is " + seen + ", wanted " + in_quotes(*wanted.equals)};
    if (wanted.matches && !wanted.matches->matches(*value))
      return std::pair{Reason::content, "the value is " + seen + ", wanted a match of " +
                                            in_quotes(wanted.matches->pattern())};
    const auto number = number_of(value);
    if ((wanted.min || wanted.max) && !number)
      return std::pair{Reason::content, "the value is " + seen + ", wanted a number"};
    if (wanted.min && *number < *wanted.min)
      return std::pair{Reason::threshold, "the value is " + number_in_words(*number) +
                                              ", wanted at least " + number_in_words(*wanted.min)};
    if (wanted.max && *number > *wanted.max)
      return std::pair{Reason::threshold, "the value is " + number_in_words(*number) +
                                              ", wanted at most " + number_in_words(*wanted.max)};
  }
  return std::nullopt;
}

class PostgresProbe : public Probe {
 public:
  PostgresProbe(PostgresSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    Finding finding;
    auto opening = PostgresSession::open(settings_.target, resources_, attempt);
    const std::unique_ptr<PostgresSession> session = co_await std::move(opening);
    finding = Finding::pass("PostgreSQL " + version_in_words(session->server_version()));
    finding.measure("server_version", session->server_version(), "count");
    if (settings_.min_version && session->server_version() < *settings_.min_version) {
      worsen(finding,
             Finding::fail(Reason::threshold,
                           "server is PostgreSQL " + version_in_words(session->server_version()) +
                               ", wanted at least " + version_in_words(*settings_.min_version)));
    }
    attempt.enter(Stage::request);
    if (settings_.primary) co_await inspect_role(*session, finding);
    if (settings_.max_connections_percent || settings_.warn_connections_percent)
      co_await inspect_connections(*session, finding);
    if (settings_.min_standbys || settings_.max_lag)
      co_await inspect_replication(*session, finding);
    if (settings_.migrations) co_await inspect_migrations(*session, finding, attempt);
    attempt.enter(Stage::request);
    if (!settings_.query.empty()) co_await inspect_rows(*session, finding, attempt);
    attempt.enter(Stage::judge);
    co_return finding;
  }

 private:
  // Keeps the first failure; a failure replaces a warning.
  static void worsen(Finding& finding, Finding other) {
    const bool is_worse = finding.outcome == Outcome::pass ||
                          (finding.outcome == Outcome::warn && other.outcome == Outcome::fail);
    if (!is_worse) return;
    finding.outcome = other.outcome;
    finding.reason = other.reason;
    finding.summary = std::move(other.summary);
  }

  static asio::awaitable<PostgresTable> ask(PostgresSession& session, std::string statement) {
    std::vector<std::string> nothing;
    co_return co_await session.query(std::move(statement), std::move(nothing), most_rows);
  }

  asio::awaitable<void> inspect_role(PostgresSession& session, Finding& finding) {
    const PostgresTable table = co_await ask(session, "SELECT pg_is_in_recovery()");
    const bool is_primary = table.rows.at(0).at(0) == "f";
    if (is_primary != *settings_.primary) {
      worsen(finding, Finding::fail(Reason::content,
                                    is_primary ? "server is a primary, wanted a standby"
                                               : "server is in recovery, wanted a primary"));
    }
  }

  asio::awaitable<void> inspect_connections(PostgresSession& session, Finding& finding) {
    const PostgresTable table = co_await ask(
        session,
        // Not pg_stat_activity: it hides sessions of other roles from unprivileged ones.
        "SELECT sum(numbackends), current_setting('max_connections') FROM pg_stat_database");
    const double used = number_of(table.rows.at(0).at(0)).value_or(0);
    const double most = number_of(table.rows.at(0).at(1)).value_or(1);
    const double share = 100 * used / most;
    finding.measure("connections", used, "count");
    finding.measure("connections_percent", share, "percent");
    const std::string text =
        number_in_words(used) + " of " + number_in_words(most) + " connections used";
    if (settings_.max_connections_percent && share > *settings_.max_connections_percent) {
      worsen(finding, Finding::fail(Reason::threshold,
                                    text + ", wanted at most " +
                                        number_in_words(*settings_.max_connections_percent) + "%"));
    } else if (settings_.warn_connections_percent && share > *settings_.warn_connections_percent) {
      worsen(finding,
             Finding::warn(Reason::threshold,
                           text + ", a warning above " +
                               number_in_words(*settings_.warn_connections_percent) + "%"));
    }
  }

  // On a standby this judges its own lag, on a primary the number of standbys and their worst lag.
  asio::awaitable<void> inspect_replication(PostgresSession& session, Finding& finding) {
    const PostgresTable table = co_await ask(
        session,
        "SELECT pg_is_in_recovery(), (SELECT count(*) FROM pg_stat_replication WHERE state = "
        "'streaming'), CASE WHEN pg_is_in_recovery() THEN CASE WHEN pg_last_wal_receive_lsn() = "
        "pg_last_wal_replay_lsn() THEN 0 ELSE EXTRACT(EPOCH FROM (now() - "
        "pg_last_xact_replay_timestamp())) END ELSE (SELECT EXTRACT(EPOCH FROM max(replay_lag)) "
        "FROM "
        "pg_stat_replication) END, (SELECT count(*) FROM pg_stat_replication WHERE state IS NULL)");
    const PostgresRow& row = table.rows.at(0);
    if (row.at(3) != "0") {
      throw RunEnded(Finding::unknown(
          Reason::permission,
          "cannot judge: standbys are hidden from this role (grant it pg_monitor)"));
    }
    const double standbys = number_of(row.at(1)).value_or(0);
    finding.measure("standbys", standbys, "count");
    if (settings_.min_standbys && standbys < static_cast<double>(*settings_.min_standbys)) {
      worsen(finding,
             Finding::fail(Reason::threshold, counted(static_cast<std::int64_t>(standbys),
                                                      "streaming standby", "streaming standbys") +
                                                  ", wanted at least " +
                                                  std::to_string(*settings_.min_standbys)));
    }
    if (!settings_.max_lag) co_return;
    // An idle primary reports no lag for a standby that has caught up.
    const double lag = number_of(row.at(2)).value_or(0);
    finding.measure("replication_lag", lag, "seconds");
    const bool is_standby = row.at(0) == "t";
    if (is_standby && !row.at(2)) {
      worsen(finding, Finding::fail(Reason::stale_data, "the standby has replayed nothing yet"));
    } else if (lag > in_seconds(*settings_.max_lag)) {
      worsen(finding,
             Finding::fail(Reason::threshold,
                           "replication lags " +
                               to_words(std::chrono::milliseconds{static_cast<long>(lag * 1000)}) +
                               ", wanted at most " + to_words(*settings_.max_lag)));
    }
  }

  asio::awaitable<void> inspect_migrations(PostgresSession& session, Finding& finding,
                                           Attempt& attempt) {
    const MigrationRules& rules = *settings_.migrations;
    ExpectedMigrations expected;
    if (rules.command.empty()) {
      auto read = [rules] { return read_expected_migrations(rules); };
      auto reading = offload(resources_.pool, std::move(read));
      expected = co_await std::move(reading);
    } else {
      expected = co_await ask_command(attempt);
    }
    attempt.enter(Stage::request);
    const std::string statement =
        "SELECT version_num FROM " + PostgresSession::quoted_identifier(rules.table);
    const PostgresTable table = co_await ask(session, statement);
    std::set<std::string> current;
    for (const PostgresRow& row : table.rows) current.insert(row.at(0).value_or(""));
    Finding judged = judge_migrations(expected, current);
    for (auto& fact : judged.evidence) finding.note(fact.first, std::move(fact.second));
    worsen(finding, std::move(judged));
  }

  asio::awaitable<ExpectedMigrations> ask_command(Attempt& attempt) {
    Program program;
    program.argv = settings_.migrations->command;
    program.environment = plain_environment();
    auto running = run_program(std::move(program), resources_, attempt);
    const ProgramEnd end = co_await std::move(running);
    if (end.exit_status != 0) {
      throw RunEnded(Finding::fail(
          Reason::error, "the command of migrations: " + in_words(end) + ", " +
                             on_one_line(end.errors.empty() ? end.output : end.errors, 160)));
    }
    co_return to_expected_migrations(end.output);
  }

  asio::awaitable<Objection> objection_to(const PostgresTable& table, const RowsExpectation& wanted,
                                          Attempt& attempt) const {
    Objection objection = objection_to_rows(table, wanted);
    if (objection || wanted.json.empty()) co_return objection;
    std::string text;
    if (size_of(table) <= largest_text_here) {
      text = to_json_text(to_json(table));
    } else {
      auto write = [table] { return to_json_text(to_json(table)); };
      auto writing = offload(resources_.pool, std::move(write));
      text = co_await std::move(writing);
    }
    auto asking =
        gonogo::objection_to(std::move(text), wanted.json, "the rows", resources_, attempt);
    const std::optional<std::string> words = co_await std::move(asking);
    if (words) objection.emplace(Reason::json, *words);
    co_return objection;
  }

  asio::awaitable<void> inspect_rows(PostgresSession& session, Finding& finding, Attempt& attempt) {
    const PostgresTable table = co_await ask(session, settings_.query);
    finding.measure("rows", static_cast<double>(table.rows.size()), "count");
    const bool is_scalar = table.rows.size() == 1 && table.columns.size() == 1;
    if (is_scalar) {
      if (const auto number = number_of(table.rows[0][0]))
        finding.measure("scalar", *number, "count");
    }
    // A failure that is known counts, even if jq cannot be asked.
    if (finding.outcome == Outcome::fail) co_return;
    auto judging = objection_to(table, settings_.expect, attempt);
    const Objection bad = co_await std::move(judging);
    if (bad) {
      worsen(finding, Finding::fail(bad->first, bad->second));
    } else if (settings_.warn) {
      auto judging_more = objection_to(table, *settings_.warn, attempt);
      const Objection odd = co_await std::move(judging_more);
      if (odd) worsen(finding, Finding::warn(odd->first, odd->second));
    }
    if (finding.outcome == Outcome::pass && is_scalar)
      finding.summary += ", value " + (table.rows[0][0] ? in_quotes(*table.rows[0][0]) : "NULL");
  }

  PostgresSettings settings_;
  Resources& resources_;
};

RowsExpectation read_rows_expectation(Settings settings) {
  RowsExpectation wanted;
  wanted.min_rows = settings.integer("min_rows", 0, most_rows);
  wanted.max_rows = settings.integer("max_rows", 0, most_rows);
  wanted.equals = settings.text("equals");
  wanted.min = settings.number("min", -1e18, 1e18);
  wanted.max = settings.number("max", -1e18, 1e18);
  if (const auto text = settings.text("matches"))
    wanted.matches = compile_pattern(settings, "matches", *text);
  wanted.json = read_json_conditions(settings, "json");
  settings.finish();
  return wanted;
}

}  // namespace

std::unique_ptr<Probe> make_postgres(Settings& settings, Resources& resources) {
  PostgresSettings postgres;
  if (!settings.has("database"))
    settings.complain("`database` is missing (such as database: ${secrets.database_url})");
  else
    postgres.target = read_postgres_target(settings);
  if (const auto version = settings.number("min_version", 9, 99)) {
    const int major = static_cast<int>(*version);
    postgres.min_version = major * 10000 + static_cast<int>(std::lround((*version - major) * 100));
  }
  postgres.primary = settings.flag("primary");
  postgres.query = settings.text_or("query", "");
  postgres.expect = read_rows_expectation(settings.section("expect"));
  if (settings.has("warn")) postgres.warn = read_rows_expectation(settings.section("warn"));
  if (postgres.query.empty() && (settings.has("expect") || settings.has("warn")))
    settings.complain(
        "`expect` and `warn` need a `query` (such as query: SELECT count(*) FROM jobs)");
  if (!postgres.query.empty() && !settings.has("expect") && !settings.has("warn"))
    settings.complain("`query` needs an `expect` (such as expect: {max: 0})");
  postgres.migrations = read_migrations(settings);
  postgres.max_connections_percent = settings.number("max_connections_percent", 0, 100);
  postgres.warn_connections_percent = settings.number("warn_connections_percent", 0, 100);
  postgres.min_standbys = settings.integer("min_standbys", 0, 1000);
  postgres.max_lag = settings.duration("max_lag");
  settings.finish();
  return std::make_unique<PostgresProbe>(std::move(postgres), resources);
}

}  // namespace gonogo
