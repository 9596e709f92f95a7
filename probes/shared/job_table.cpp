#include "probes/shared/job_table.h"

#include <algorithm>
#include <cstdlib>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"

namespace gonogo {
namespace {

struct JobRow {
  std::string name;
  std::optional<Duration> age;  // by the database's clock
  std::int64_t failures = 0;
  std::string error;
  std::optional<Duration> running;  // since it says that it runs
  std::string odd_time;             // "infinity", which is no time
  std::string odd_start;
};

// The columns of the statement.
enum Column : std::size_t {
  its_name,
  its_age,
  its_failures,
  its_error,
  its_running,
  its_time,
  its_start
};

JobRow to_job(const PostgresRow& row) {
  JobRow job;
  const auto span = [](const std::optional<std::string>& text) -> std::optional<Duration> {
    if (!text) return std::nullopt;
    return std::chrono::duration_cast<Duration>(
        std::chrono::duration<double>(std::clamp(std::strtod(text->c_str(), nullptr), -5e9, 5e9)));
  };
  const auto odd = [&row](Column column) {
    const std::string text = row.at(column).value_or("");
    return text.ends_with("infinity") ? text : std::string();
  };
  job.name = row.at(its_name).value_or("");
  job.age = span(row.at(its_age));
  job.running = span(row.at(its_running));
  if (row.at(its_failures)) job.failures = std::strtoll(row.at(its_failures)->c_str(), nullptr, 10);
  job.error = row.at(its_error).value_or("");
  job.odd_time = odd(its_time);
  job.odd_start = odd(its_start);
  return job;
}

// What is wrong with the times as a whole: without a zone they mean another moment in each zone.
std::optional<std::string> objection_to_times(const JobTable& wanted, const PostgresTable& table,
                                              const RowTimes& times) {
  if (wanted.has_zone || times.doubt.empty()) return std::nullopt;
  for (const Column column : {its_time, its_start}) {
    const PostgresTable::Column& seen = table.columns.at(column);
    const bool is_date = seen.type == 1082;  // OIDs of pg_type
    if (!is_date && seen.type != 1114) continue;
    return "column " + in_quotes(seen.name, 64) + " is a " +
           (is_date ? "date" : "timestamp without time zone") + " and " + times.doubt +
           ": which moment it means is not known (give its zone, such as set: {TimeZone: UTC}, or "
           "make the column a timestamptz)";
  }
  return std::nullopt;
}

// The finding of one row. The check has the worst finding of all rows.
Finding judge_job(const JobRow& job, const JobTable& wanted, WallTime now) {
  const std::string name = on_one_line(job.name, 64);
  const auto own = wanted.jobs.find(job.name);
  const bool has_own = own != wanted.jobs.end();
  const auto max_age = has_own && own->second.max_age ? own->second.max_age : wanted.max_age;
  const auto max_failures =
      has_own && own->second.max_failures ? own->second.max_failures : wanted.max_failures;
  if (wanted.max_running && !job.odd_start.empty()) {
    return Finding::fail(Reason::content, name + " says it runs, since " +
                                              in_quotes(job.odd_start) + ", which is no time");
  }
  if (wanted.max_running && job.running && *job.running > *wanted.max_running) {
    return Finding::fail(Reason::stale_data, name + " says it runs, since " +
                                                 to_words(*job.running) + ", wanted at most " +
                                                 to_words(*wanted.max_running));
  }
  if (!job.odd_time.empty()) {
    const bool is_future = !job.odd_time.starts_with("-");
    return Finding::fail(is_future ? Reason::future : Reason::missing,
                         name + " has the time " + in_quotes(job.odd_time) + ", which is no beat");
  }
  if (!job.age) return Finding::fail(Reason::missing, name + " has never beaten");
  const std::string age = to_words(*job.age);
  const std::string error = job.error.empty() ? "" : " (" + on_one_line(job.error, 100) + ")";
  if (*job.age < -wanted.max_future) {
    return Finding::fail(Reason::future, name + " beat " + to_words(-*job.age) + " in the future");
  }
  if (max_age && *job.age > *max_age) {
    return Finding::fail(Reason::stale_data,
                         name + " beat " + age + " ago, wanted at most " + to_words(*max_age));
  }
  if (wanted.expected) {
    const auto due = wanted.expected->last_due(now, wanted.expected->grace);
    if (due && *job.age > now - *due) {
      return Finding::fail(Reason::stale_data,
                           name + " beat " + age + " ago, wanted a beat since " + to_rfc3339(*due));
    }
  }
  const std::string failures =
      name + " failed " + std::to_string(job.failures) + " times in a row" + error;
  if (max_failures && job.failures > *max_failures) {
    return Finding::fail(Reason::failures,
                         failures + ", wanted at most " + std::to_string(*max_failures));
  }
  if (wanted.warn_age && *job.age > *wanted.warn_age) {
    return Finding::warn(Reason::stale_data, name + " beat " + age + " ago, a warning above " +
                                                 to_words(*wanted.warn_age));
  }
  if (wanted.warn_failures && job.failures > *wanted.warn_failures)
    return Finding::warn(Reason::failures, failures);
  return Finding::pass(name + " beat " + age + " ago");
}

// "schema.table" or "table", quoted.
std::string quoted_table(const std::string& name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string::npos) return PostgresSession::quoted_identifier(name);
  return PostgresSession::quoted_identifier(name.substr(0, dot)) + "." +
         PostgresSession::quoted_identifier(name.substr(dot + 1));
}

// The seconds since the time in a column. PostgreSQL computes with no infinite time, and one row
// with such a time would be the end of the statement.
std::string seconds_since(const std::string& column) {
  return "CASE WHEN isfinite(" + column + ") THEN EXTRACT(EPOCH FROM (now() - " + column + ")) END";
}

// The SQL expressions for how long a row has said that its job runs, NULL when it does not run, and
// for since when.
struct Running {
  std::string column;
  std::string span = "NULL";
  std::string start = "NULL";
};

Running read_running(Settings& settings, JobTable& table) {
  if (!settings.has("running")) return {};
  Settings section = settings.section("running");
  const std::string column = section.required_text("column", "status");
  const std::string value = section.text_or("value", "running");
  const std::string since = section.required_text("since_column", "started_at");
  table.max_running = section.duration("max");
  if (!section.has("max")) section.complain("`max` is missing (such as max: 1h)");
  section.finish();
  table.parameters.push_back(value);
  const std::string column_since = PostgresSession::quoted_identifier(since);
  const std::string runs = "CASE WHEN " + PostgresSession::quoted_identifier(column) +
                           "::text = $" + std::to_string(table.parameters.size()) + " THEN ";
  return {.column = since,
          .span = runs + seconds_since(column_since) + " END",
          .start = runs + column_since + " END AS " + column_since};
}

// The session's zone is the one of times without a zone; it changes no others. `zone` belongs to
// the schedule where there is one.
void read_zone(Settings& settings, JobTable& table) {
  for (const auto& [name, value] : table.target.variables)
    table.has_zone = table.has_zone || equal_ignoring_case(name, "TimeZone");
  const auto zone = settings.text("zone");
  if (!zone || table.has_zone || settings.has("schedule")) return;
  table.has_zone = true;
  table.target.variables.emplace_back("TimeZone", *zone);
}

void read_jobs(Settings& settings, JobTable& table) {
  Node* node = settings.raw("jobs");
  if (node == nullptr) return;
  if (node->is_map()) {
    for (auto& [name, job] : settings.sections("jobs")) {
      JobRule rule;
      rule.max_age = job.duration("max_age");
      rule.max_failures = job.integer("max_failures", 0, 1'000'000);
      job.finish();
      table.jobs[name] = rule;
    }
  } else {
    for (const std::string& name : settings.texts("jobs")) table.jobs[name] = {};
  }
  if (!table.job.empty())
    settings.complain_at("jobs", "cannot be combined with job (give one of the two)");
}

}  // namespace

Finding judge_jobs(const JobTable& wanted, const PostgresTable& table, const RowTimes& times,
                   WallTime now) {
  const std::vector<PostgresRow>& rows = table.rows;
  if (rows.empty()) {
    return Finding::fail(Reason::missing, wanted.job.empty()
                                              ? "the table has no row, wanted one for each job"
                                              : "no row for " + in_quotes(wanted.job));
  }
  if (const auto text = objection_to_times(wanted, table, times))
    return Finding::fail(Reason::content, *text);
  for (const auto& [name, unused] : wanted.jobs) {
    const auto is_it = [&name](const PostgresRow& row) { return row.at(0) == name; };
    if (std::none_of(rows.begin(), rows.end(), is_it))
      return Finding::fail(Reason::missing, "no row for " + in_quotes(name));
  }
  Finding worst;
  int unwell = 0;
  double oldest = 0;
  double failures = 0;
  for (const PostgresRow& row : rows) {
    const JobRow job = to_job(row);
    Finding finding = judge_job(job, wanted, now);
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
    worst.summary += "; " + std::to_string(unwell - 1) + " more of " + std::to_string(rows.size()) +
                     " are unwell";
  worst.measure("age", oldest, "seconds");
  worst.measure("consecutive_failures", failures, "count");
  worst.measure("jobs", static_cast<double>(rows.size()), "count");
  return worst;
}

JobTable read_job_table(Settings& settings) {
  JobTable table;
  table.target = read_postgres_target(settings);
  table.job = settings.text_or("job", "");
  const auto column = [&settings](const char* key, const char* fallback) {
    return PostgresSession::quoted_identifier(settings.text_or(key, fallback));
  };
  table.names.push_back(quoted_table(settings.text_or("table", "job_heartbeats")));
  const std::string name = column("name_column", "name");
  const std::string failures = settings.text_or("failures_column", "consecutive_failures");
  const std::string error = settings.text_or("error_column", "last_error");
  const std::string time = column("time_column", "last_heartbeat");
  table.names.push_back(settings.text_or("time_column", "last_heartbeat"));
  const Running running = read_running(settings, table);
  table.names.push_back(running.column);
  // The age is computed by the database's clock, which wrote the times.
  table.statement =
      "SELECT " + name + "::text, (" + seconds_since(time) + ")::text, " +
      (failures.empty() ? "NULL" : PostgresSession::quoted_identifier(failures) + "::text") + ", " +
      (error.empty() ? "NULL" : PostgresSession::quoted_identifier(error) + "::text") + ", " + "(" +
      running.span + ")::text, " + time + ", " + running.start + " FROM " + table.names.front();
  if (!table.job.empty()) {
    table.parameters.push_back(table.job);
    table.statement += " WHERE " + name + " = $" + std::to_string(table.parameters.size());
  }
  // One row more than the bound shows that there are too many: a job that is not read must not
  // count as passed.
  table.statement += " ORDER BY 1 LIMIT " + std::to_string(most_job_rows + 1);
  read_zone(settings, table);
  table.max_age = settings.duration("max_age");
  table.warn_age = settings.duration("warn_age");
  table.max_future = settings.duration("max_future", {.least = Duration::zero()})
                         .value_or(std::chrono::seconds{5});
  table.max_failures = settings.integer("max_failures", 0, 1'000'000);
  table.warn_failures = settings.integer("warn_failures", 0, 1'000'000);
  table.expected = read_expected_run(settings, ZoneOf::schedule_or_times);
  read_jobs(settings, table);
  bool is_bounded = false;
  for (const char* key : {"max_age", "max_failures", "schedule", "jobs", "running"})
    is_bounded = is_bounded || settings.has(key);
  if (!is_bounded)
    settings.complain(
        "needs `max_age`, `max_failures`, `schedule` or `jobs` (such as max_age: 180s)");
  settings.finish();
  return table;
}

}  // namespace gonogo
