#include "probes/heartbeat.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/settings.h"
#include "probes/resources.h"
#include "probes/shared/job_table.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

class TableHeartbeat : public Probe {
 public:
  TableHeartbeat(JobTable settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    auto opening = PostgresSession::open(settings_.target, resources_, attempt);
    const std::unique_ptr<PostgresSession> session = co_await std::move(opening);
    std::vector<std::string> names = settings_.names;
    auto asking_times = session->query(times_statement, std::move(names), most_time_settings);
    const PostgresTable settings_of_times = co_await std::move(asking_times);
    const RowTimes times = times_of_rows(settings_of_times.rows);
    if (!times.objection.empty()) co_return Finding::fail(Reason::content, times.objection);
    // A view may give a zone to times that have none, as in the sessions that write them.
    std::vector<std::string> zone{times.zone};
    if (!settings_.has_zone && !times.zone.empty())
      co_await session->query("SELECT set_config('TimeZone', $1, false)", std::move(zone), 1);
    auto asking = session->query(settings_.statement, settings_.parameters, most_job_rows);
    const PostgresTable table = co_await std::move(asking);
    attempt.enter(Stage::judge);
    co_return judged_by(resources_.clock.wall_reading(), [this, &table, &times](WallTime now) {
      return judge_jobs(settings_, table, times, now);
    });
  }

 private:
  JobTable settings_;
  Resources& resources_;
};

struct PushSettings {
  std::string key;
  Duration period{};
  Duration grace{};
  std::optional<ExpectedRun> expected;  // instead of the period
  std::optional<Duration> start_grace;
  std::optional<Duration> max_runtime;
  std::int64_t max_failures = 0;
};

class PushHeartbeat : public Probe {
 public:
  PushHeartbeat(PushSettings settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::judge);
    resources_.pushes.follow(resources_.clock.both());
    const PushRecord* record = resources_.pushes.find(settings_.key);
    co_return record == nullptr
        ? Finding::unknown(Reason::prober, "only the running daemon receives pushes")
        : judge(*record, resources_.clock.wall());
  }

 private:
  Finding judge(const PushRecord& record, WallTime now) const {
    Finding finding = verdict_on(record, now);
    if (record.succeeded) finding.measure("age", in_seconds(now - *record.succeeded), "seconds");
    finding.measure("consecutive_failures", record.failures_in_a_row, "count");
    finding.measure("exit_status", record.exit_status, "count");
    if (record.run_time) finding.measure("run_time", in_seconds(*record.run_time), "seconds");
    if (!record.note.empty()) finding.note("note", on_one_line(record.note, 400));
    if (!record.failure_note.empty())
      finding.note("failure", on_one_line(record.failure_note, 400));
    return finding;
  }

  Finding verdict_on(const PushRecord& record, WallTime now) const {
    if (record.failed && record.failures_in_a_row > settings_.max_failures) {
      return Finding::fail(Reason::reported, "reported failure with exit status " +
                                                 std::to_string(record.exit_status) + ", " +
                                                 to_words(now - *record.failed) + " ago");
    }
    const std::vector<WallTime> open = record.open_runs(settings_.max_runtime);
    if (!open.empty() && settings_.max_runtime && now - open.front() > *settings_.max_runtime) {
      return Finding::fail(Reason::stale_data, "started " + to_words(now - open.front()) +
                                                   " ago and has not ended, wanted at most " +
                                                   to_words(*settings_.max_runtime));
    }
    if (!record.succeeded) return Finding::fail(Reason::missing, "no success was pushed yet");
    const Duration age = now - *record.succeeded;
    if (age < std::chrono::seconds{-5}) {
      return Finding::fail(Reason::future,
                           "last success is dated " + to_words(-age) + " in the future");
    }
    if (settings_.expected) return verdict_by_schedule(record, *settings_.expected, now);
    const Duration limit = settings_.period + settings_.grace;
    if (age > limit) {
      return Finding::fail(Reason::stale_data, "last success " + to_words(age) +
                                                   " ago, wanted at most " + to_words(limit));
    }
    return Finding::pass("last success " + to_words(age) + " ago");
  }

  Finding verdict_by_schedule(const PushRecord& record, const ExpectedRun& expected,
                              WallTime now) const {
    const std::string last = "last success " + to_words(now - *record.succeeded) + " ago";
    const auto due = expected.last_due(now, expected.grace);
    if (due && *record.succeeded < *due) {
      return Finding::fail(Reason::stale_data, last + ", wanted one since " + to_rfc3339(*due) +
                                                   " (its schedule, in " + expected.zone.name +
                                                   ")");
    }
    const auto start_due =
        settings_.start_grace ? expected.last_due(now, *settings_.start_grace) : std::nullopt;
    const std::vector<WallTime> open = record.open_runs(settings_.max_runtime);
    const bool has_begun = !start_due || *record.succeeded >= *start_due ||
                           (!open.empty() && open.back() >= *start_due) ||
                           (record.failed && *record.failed >= *start_due);
    if (!has_begun) {
      return Finding::fail(
          Reason::stale_data,
          last + ", and no start was pushed since it was due at " + to_rfc3339(*start_due));
    }
    return Finding::pass(last);
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
  if (settings.has("period") == settings.has("schedule"))
    settings.complain(
        "needs `period` or `schedule` (such as period: 24h, or schedule: \"15 2 * * *\")");
  push.period = settings.duration("period").value_or(std::chrono::hours{24});
  push.expected = read_expected_run(settings);
  push.start_grace = settings.duration("start_grace");
  if (push.start_grace && !settings.has("schedule"))
    settings.complain_at("start_grace", "has no effect without `schedule`");
  push.grace =
      settings.duration("grace", {.least = Duration::zero()}).value_or(std::chrono::minutes{5});
  push.max_runtime = settings.duration("max_runtime");
  push.max_failures = settings.integer("max_failures", 0, 1'000'000).value_or(0);
  settings.finish();
  return std::make_unique<PushHeartbeat>(std::move(push), resources);
}

}  // namespace

std::unique_ptr<Probe> make_heartbeat(Settings& settings, Resources& resources) {
  const bool is_push = settings.has("push");
  if (is_push == settings.has("database")) {
    settings.complain(
        "needs either `push` or `database` (such as database: ${secrets.database_url})");
    return nullptr;
  }
  if (is_push) return read_push(settings, resources);
  return std::make_unique<TableHeartbeat>(read_job_table(settings), resources);
}

}  // namespace gonogo
