#include "probes/heartbeat.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "probes/support/postgres_session.h"
#include "probes/support/resources.h"
#include "probes/support/settings.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_rows = 1000;

struct TableSettings {
  PostgresTarget target;
  std::string statement;
  std::vector<std::string> parameters;
  std::string job;  // empty: every row
  std::optional<Duration> max_age;
  std::optional<Duration> warn_age;
  Duration max_future{};
  std::optional<std::int64_t> max_failures;
  std::optional<std::int64_t> warn_failures;
};

struct JobRow {
  std::string name;
  std::optional<Duration> age;  // by the database's clock
  std::int64_t failures = 0;
  std::string error;
};

JobRow to_job(const PostgresRow& row) {
  JobRow job;
  job.name = row.at(0).value_or("");
  if (row.at(1))
    job.age = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(
        std::clamp(std::strtod(row.at(1)->c_str(), nullptr), -5e9, 5e9)));
  if (row.at(2)) job.failures = std::strtoll(row.at(2)->c_str(), nullptr, 10);
  job.error = row.at(3).value_or("");
  return job;
}

// One row's finding. The worst of all rows is the check's.
Finding judge_job(const JobRow& job, const TableSettings& wanted) {
  const std::string name = on_one_line(job.name, 64);
  if (!job.age) return Finding::fail(Reason::missing, name + " has never beaten");
  const std::string age = to_words(*job.age);
  const std::string error = job.error.empty() ? "" : " (" + on_one_line(job.error, 100) + ")";
  if (*job.age < -wanted.max_future) {
    return Finding::fail(Reason::future, name + " beat " + to_words(-*job.age) + " in the future");
  }
  if (wanted.max_age && *job.age > *wanted.max_age) {
    return Finding::fail(Reason::stale_data, name + " beat " + age + " ago, wanted at most " +
                                                 to_words(*wanted.max_age));
  }
  const std::string failures =
      name + " failed " + std::to_string(job.failures) + " times in a row" + error;
  if (wanted.max_failures && job.failures > *wanted.max_failures) {
    return Finding::fail(Reason::failures,
                         failures + ", wanted at most " + std::to_string(*wanted.max_failures));
  }
  if (wanted.warn_age && *job.age > *wanted.warn_age) {
    return Finding::warn(Reason::stale_data, name + " beat " + age + " ago, a warning above " +
                                                 to_words(*wanted.warn_age));
  }
  if (wanted.warn_failures && job.failures > *wanted.warn_failures)
    return Finding::warn(Reason::failures, failures);
  return Finding::pass(name + " beat " + age + " ago");
}

class TableHeartbeat : public Probe {
 public:
  TableHeartbeat(TableSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> look(Attempt& attempt) override {
    const std::unique_ptr<PostgresSession> session =
        co_await PostgresSession::open(settings_.target, resources_, attempt);
    const std::vector<PostgresRow> rows =
        co_await session->query(settings_.statement, settings_.parameters, most_rows);
    attempt.enter(Stage::judge);
    co_return judge(rows);
  }

 private:
  Finding judge(const std::vector<PostgresRow>& rows) const {
    if (rows.empty()) {
      return Finding::fail(Reason::missing, settings_.job.empty()
                                                ? "the table has no row, wanted one for each job"
                                                : "no row for " + in_quotes(settings_.job));
    }
    Finding worst;
    int unwell = 0;
    double oldest = 0;
    double failures = 0;
    for (const PostgresRow& row : rows) {
      const JobRow job = to_job(row);
      Finding finding = judge_job(job, settings_);
      if (finding.outcome != Outcome::pass) ++unwell;
      if (job.age) oldest = std::max(oldest, in_seconds(*job.age));
      failures = std::max(failures, static_cast<double>(job.failures));
      const auto badness = [](const Finding& f) {
        return f.outcome == Outcome::fail ? 2 : f.outcome == Outcome::warn ? 1 : 0;
      };
      if (&row == &rows.front() || badness(finding) > badness(worst)) worst = std::move(finding);
    }
    if (rows.size() > 1 && unwell == 0)
      worst.summary =
          std::to_string(rows.size()) + " jobs, the oldest beat " +
          to_words(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(oldest))) +
          " ago";
    if (unwell > 1)
      worst.summary += "; " + std::to_string(unwell - 1) + " more of " +
                       std::to_string(rows.size()) + " are unwell";
    worst.measure("age", oldest, "seconds");
    worst.measure("consecutive_failures", failures, "count");
    worst.measure("jobs", static_cast<double>(rows.size()), "count");
    return worst;
  }

  TableSettings settings_;
  Resources& resources_;
};

struct PushSettings {
  std::string key;
  Duration period{};
  Duration grace{};
  std::optional<Duration> max_runtime;
  std::int64_t max_failures = 0;
};

class PushHeartbeat : public Probe {
 public:
  PushHeartbeat(PushSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> look(Attempt& attempt) override {
    attempt.enter(Stage::judge);
    const PushRecord* record = resources_.pushes.find(settings_.key);
    co_return record == nullptr
        ? Finding::unknown(Reason::prober, "pushes are taken by the running daemon alone")
        : judge(*record, resources_.clock.wall());
  }

 private:
  Finding judge(const PushRecord& record, WallTime now) const {
    Finding finding = verdict_on(record, now);
    if (record.succeeded) finding.measure("age", in_seconds(now - *record.succeeded), "seconds");
    finding.measure("consecutive_failures", record.failures_in_a_row, "count");
    finding.measure("exit_status", record.exit_status, "count");
    if (!record.note.empty()) finding.note("note", on_one_line(record.note, 400));
    return finding;
  }

  Finding verdict_on(const PushRecord& record, WallTime now) const {
    const Duration limit = settings_.period + settings_.grace;
    if (record.failed && record.failures_in_a_row > settings_.max_failures) {
      return Finding::fail(Reason::reported, "reported failure with exit status " +
                                                 std::to_string(record.exit_status) + ", " +
                                                 to_words(now - *record.failed) + " ago");
    }
    if (record.started && settings_.max_runtime && now - *record.started > *settings_.max_runtime) {
      return Finding::fail(Reason::stale_data, "started " + to_words(now - *record.started) +
                                                   " ago and has not ended, wanted at most " +
                                                   to_words(*settings_.max_runtime));
    }
    if (!record.succeeded) return Finding::fail(Reason::missing, "no success was pushed yet");
    const Duration age = now - *record.succeeded;
    if (age < std::chrono::seconds{-5}) {
      return Finding::fail(Reason::future,
                           "last success is dated " + to_words(-age) + " in the future");
    }
    if (age > limit) {
      return Finding::fail(Reason::stale_data, "last success " + to_words(age) +
                                                   " ago, wanted at most " + to_words(limit));
    }
    return Finding::pass("last success " + to_words(age) + " ago");
  }

  PushSettings settings_;
  Resources& resources_;
};

std::unique_ptr<Probe> read_push(Settings& settings, Resources& resources) {
  PushSettings push;
  push.key = settings.secret("push").value_or("");
  const auto is_key_character = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
  };
  bool fits = push.key.size() >= 8 && push.key.size() <= 128;
  for (const char c : push.key) fits = fits && is_key_character(c);
  if (!fits)
    settings.complain_at(
        "push", "is no key (8 to 128 letters, digits, - and _; whoever knows it can push)");
  if (fits) settings.reading().push_keys.push_back(push.key);
  if (!settings.has("period")) settings.complain("`period` is missing (such as period: 24h)");
  push.period = settings.duration("period").value_or(std::chrono::hours{24});
  push.grace =
      settings.duration("grace", {.least = Duration::zero()}).value_or(std::chrono::minutes{5});
  push.max_runtime = settings.duration("max_runtime");
  push.max_failures = settings.integer("max_failures", 0, 1'000'000).value_or(0);
  settings.finish();
  return std::make_unique<PushHeartbeat>(std::move(push), resources);
}

// "schema.table" or "table", quoted.
std::string quoted_table(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return PostgresSession::quoted_identifier(name);
  return PostgresSession::quoted_identifier(name.substr(0, dot)) + "." +
         PostgresSession::quoted_identifier(name.substr(dot + 1));
}

std::unique_ptr<Probe> read_table(Settings& settings, Resources& resources) {
  TableSettings table;
  std::string problem;
  const std::string url = settings.secret("database").value_or("");
  if (auto target = parse_postgres_target(url, problem)) {
    table.target = std::move(*target);
    for (const auto& [key, value] : table.target.parameters) {
      if (key == "password") settings.reading().redactor.hide(value);
    }
  } else {
    settings.complain_at("database", problem);
  }
  table.job = settings.text_or("job", "");
  const auto column = [&settings](const char* key, const char* fallback) {
    return PostgresSession::quoted_identifier(settings.text_or(key, fallback));
  };
  const std::string name = column("name_column", "name");
  const std::string failures = settings.text_or("failures_column", "consecutive_failures");
  const std::string error = settings.text_or("error_column", "last_error");
  // The database's clock decides the age: the job wrote its time there.
  table.statement =
      "SELECT " + name + "::text, EXTRACT(EPOCH FROM (now() - " +
      column("time_column", "last_heartbeat") + "))::text, " +
      (failures.empty() ? "NULL" : PostgresSession::quoted_identifier(failures) + "::text") + ", " +
      (error.empty() ? "NULL" : PostgresSession::quoted_identifier(error) + "::text") + " FROM " +
      quoted_table(settings.text_or("table", "job_heartbeats"));
  if (!table.job.empty()) {
    table.statement += " WHERE " + name + " = $1";
    table.parameters.push_back(table.job);
  }
  // One more than may be: a job that is not read must not count as well.
  table.statement += " ORDER BY 1 LIMIT " + std::to_string(most_rows + 1);
  table.max_age = settings.duration("max_age");
  table.warn_age = settings.duration("warn_age");
  table.max_future = settings.duration("max_future", {.least = Duration::zero()})
                         .value_or(std::chrono::seconds{5});
  table.max_failures = settings.integer("max_failures", 0, 1'000'000);
  table.warn_failures = settings.integer("warn_failures", 0, 1'000'000);
  if (!settings.has("max_age") && !settings.has("max_failures")) {
    settings.complain("wants `max_age` or `max_failures` (such as max_age: 180s)");
  }
  settings.finish();
  return std::make_unique<TableHeartbeat>(std::move(table), resources);
}

}  // namespace

std::unique_ptr<Probe> make_heartbeat(Settings& settings, Resources& resources) {
  const bool is_push = settings.has("push");
  if (is_push == settings.has("database")) {
    settings.complain(
        "wants either `push` or `database` (such as database: ${secrets.database_url})");
    return nullptr;
  }
  return is_push ? read_push(settings, resources) : read_table(settings, resources);
}

}  // namespace gonogo
