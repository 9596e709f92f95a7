// Jobs that write their heartbeats into rows of a PostgreSQL table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/observation.h"
#include "daemon/io/postgres_session.h"
#include "probes/shared/expected_run.h"
#include "probes/shared/row_times.h"

namespace gonogo {

// What is expected of one job, in place of what is expected of all.
struct JobRule {
  std::optional<Duration> max_age;
  std::optional<std::int64_t> max_failures;
};

struct JobTable {
  PostgresTarget target;
  // Name, age in seconds, failures, error, seconds it says it has run, the time of its beat, and
  // since when it says that it runs.
  std::string statement;
  // Of the table, quoted, and of the columns that hold times.
  std::vector<std::string> names;
  std::vector<std::string> parameters;
  std::string job;                      // empty: every row
  std::map<std::string, JobRule> jobs;  // each has to have a row
  std::optional<ExpectedRun> expected;
  std::optional<Duration> max_running;
  bool has_zone = false;  // the configuration says in which zone times without a zone are
  std::optional<Duration> max_age;
  std::optional<Duration> warn_age;
  Duration max_future{};
  std::optional<std::int64_t> max_failures;
  std::optional<std::int64_t> warn_failures;
};

constexpr std::size_t most_job_rows = 1000;

// Reads the options of a table; problems go to `settings`.
JobTable read_job_table(Settings& settings);

// The worst finding of all rows, with the values of all.
Finding judge_jobs(const JobTable& wanted, const PostgresTable& table, const RowTimes& times,
                   WallTime now);

}  // namespace gonogo
