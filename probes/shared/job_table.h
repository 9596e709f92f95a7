// Jobs that leave their beats in rows of a PostgreSQL table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/observation.h"
#include "daemon/io/postgres_session.h"
#include "probes/shared/expected_run.h"

namespace gonogo {

// What is wanted of one job, instead of what is wanted of all.
struct JobRule {
  std::optional<Duration> max_age;
  std::optional<std::int64_t> max_failures;
};

struct JobTable {
  PostgresTarget target;
  std::string statement;  // name, age in seconds, failures, error, seconds it says it has run
  std::vector<std::string> parameters;
  std::string job;                      // empty: every row
  std::map<std::string, JobRule> jobs;  // these have to be there
  std::optional<ExpectedRun> expected;
  std::optional<Duration> max_running;
  std::optional<Duration> max_age;
  std::optional<Duration> warn_age;
  Duration max_future{};
  std::optional<std::int64_t> max_failures;
  std::optional<std::int64_t> warn_failures;
};

constexpr std::size_t most_job_rows = 1000;

// Reads the options of a table; problems go to `settings`.
JobTable read_job_table(Settings& settings);

// The worst of all rows, with the values of all.
Finding judge_jobs(const JobTable& wanted, const std::vector<PostgresRow>& rows, WallTime now);

}  // namespace gonogo
