#include "probes/cron.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/crontab.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/systemd_bus.h"
#include "daemon/io/zone_files.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_file = 256 << 10;
constexpr std::size_t most_files = 500;

struct CronSettings {
  std::vector<std::string> files;  // glob patterns
  bool timers = false;
  Pattern command;
  std::string user;
  std::optional<Duration> at_least_every;
  std::optional<Duration> at_most_every;
  std::optional<Duration> next_within;
  TimeZone zone = local_time_zone();
};

// One matching job, from a crontab or a systemd timer.
struct Job {
  std::string where;
  std::string schedule;
  std::optional<Duration> longest_gap;
  std::optional<Duration> shortest_gap;
  std::optional<WallTime> next;
};

struct Found {
  std::vector<Job> jobs;
  std::string obstacles;  // files that could not be read or that cron ignores
  Reason obstacle_reason = Reason::missing;
  std::size_t files = 0;
};

std::vector<std::string> files_of(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    const std::vector<std::string> found = matching_paths(pattern);
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.size() > most_files) files.resize(most_files);
  return files;
}

std::string name_of_file(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// In cron.d cron ignores names with a dot, such as "backup.dpkg-old" (cron(8)).
bool is_read_by_cron(const std::string& path) {
  static const RE2 name("[A-Za-z0-9_-]+");
  return path.find("/cron.d/") == std::string::npos || RE2::FullMatch(name_of_file(path), name);
}

bool is_user_table(const std::string& path) { return path.find("/crontabs/") != std::string::npos; }

void add_obstacle(Found& found, const std::string& text, Reason reason) {
  found.obstacles += (found.obstacles.empty() ? "" : "; ") + text;
  found.obstacle_reason = reason;
}

void inspect_crontab(const CronSettings& wanted, const std::string& path, WallTime now,
                     Found& found) {
  std::string text;
  try {
    text = read_bounded_file(path, largest_file);
  } catch (const IoError& broken) {
    if (!broken.can_judge()) throw;
    add_obstacle(found, broken.what(), broken.reason());
    return;
  }
  ++found.files;
  const std::string user = is_user_table(path) ? name_of_file(path) : "";
  const Crontab crontab = parse_crontab(path, text, user);
  if (!crontab.problem.empty())
    add_obstacle(found, path + " is ignored by cron, " + crontab.problem, Reason::content);
  for (const CrontabEntry& entry : crontab.entries) {
    const bool is_of_user = wanted.user.empty() || entry.user == wanted.user;
    if (!is_of_user || !RE2::PartialMatch(entry.command, *wanted.command)) continue;
    Job job{path + ":" + std::to_string(entry.line), entry.schedule, {}, {}, {}};
    const auto own_zone = entry.zone.empty() ? std::nullopt : find_time_zone(entry.zone);
    const TimeZone zone = own_zone.value_or(wanted.zone);
    if (entry.cron) {
      job.next = entry.cron->next_after(now, zone);
      if (const auto cadence = entry.cron->cadence(now, zone)) {
        job.longest_gap = cadence->longest;
        job.shortest_gap = cadence->shortest;
      }
    }
    found.jobs.push_back(std::move(job));
  }
}

void inspect_timers(const CronSettings& wanted, Now now, Duration timeout, Found& found) {
  SystemdBus bus(timeout);
  for (const std::string& name : bus.timers()) {
    const TimerFacts timer = bus.timer(name, now);
    const std::vector<std::string> commands = bus.commands_of(timer.triggers);
    const bool fits = std::any_of(
        commands.begin(), commands.end(),
        [&](const std::string& command) { return RE2::PartialMatch(command, *wanted.command); });
    if (!fits) continue;
    Job job{name, "systemd timer", {}, {}, timer.next};
    // systemd reports when it ran and when it will run next, but not its calendar.
    if (timer.next) {
      const Duration gap = *timer.next - timer.last.value_or(now.wall);
      job.longest_gap = gap;
      if (timer.last) job.shortest_gap = gap;
    }
    found.jobs.push_back(std::move(job));
  }
}

// Which bound the job breaks; empty when it keeps all.
std::string objection_to(const CronSettings& wanted, const Job& job, WallTime now) {
  if (wanted.at_least_every && (!job.longest_gap || *job.longest_gap > *wanted.at_least_every)) {
    return (job.longest_gap ? "pauses up to " + to_words(*job.longest_gap) : "has no next run") +
           ", wanted at least every " + to_words(*wanted.at_least_every);
  }
  if (wanted.at_most_every && job.shortest_gap && *job.shortest_gap < *wanted.at_most_every) {
    return "runs again after " + to_words(*job.shortest_gap) + ", wanted at most every " +
           to_words(*wanted.at_most_every);
  }
  if (wanted.next_within && (!job.next || *job.next - now > *wanted.next_within)) {
    return (job.next ? "runs next in " + to_words(*job.next - now) : "has no next run") +
           ", wanted within " + to_words(*wanted.next_within);
  }
  return {};
}

Finding judge(const CronSettings& wanted, const Found& found, WallTime now) {
  const std::string pattern = in_quotes(wanted.command->pattern());
  if (found.jobs.empty()) {
    const std::string text = "no entry runs " + pattern +
                             (wanted.user.empty() ? "" : " as " + wanted.user) + ", in " +
                             counted(found.files, "crontab");
    return Finding::fail(
        found.obstacle_reason,
        on_one_line(found.obstacles.empty() ? text : text + "; " + found.obstacles, 400));
  }
  std::string objections;
  for (const Job& job : found.jobs) {
    const std::string objection = objection_to(wanted, job, now);
    if (objection.empty()) {
      Finding finding = Finding::pass(job.where + " (" + job.schedule + ")" +
                                      (job.next ? " runs in " + to_words(*job.next - now) : ""));
      if (job.next) finding.measure("until_next", in_seconds(*job.next - now), "seconds");
      if (!found.obstacles.empty()) finding.note("obstacles", on_one_line(found.obstacles, 400));
      return finding;
    }
    objections +=
        (objections.empty() ? "" : "; ") + job.where + " (" + job.schedule + ") " + objection;
  }
  return Finding::fail(Reason::threshold, on_one_line(objections, 400));
}

class CronProbe : public Probe {
 public:
  CronProbe(CronSettings settings, Resources& resources)
      : settings_(std::make_shared<const CronSettings>(std::move(settings))),
        resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [settings = settings_, now = resources_.clock.both(), left = attempt.remaining()] {
      Found found;
      for (const std::string& file : files_of(settings->files)) {
        if (is_read_by_cron(file)) inspect_crontab(*settings, file, now.wall, found);
      }
      if (settings->timers) inspect_timers(*settings, now, left, found);
      return judge(*settings, found, now.wall);
    };
    auto reading = offload(resources_.pool, std::move(read));
    co_return co_await std::move(reading);
  }

 private:
  std::shared_ptr<const CronSettings> settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_cron(Settings& settings, Resources& resources) {
  CronSettings cron;
  const std::string command = settings.required_text("command", "backup_now\\.sh");
  cron.command = compile_pattern(settings, "command", command);
  cron.files = settings.texts("files");
  cron.timers = settings.flag_or("timers", false);
  if (cron.files.empty() && !settings.has("files"))
    cron.files = {"/etc/crontab", "/etc/cron.d/*", "/var/spool/cron/crontabs/*"};
  cron.user = settings.text_or("user", "");
  cron.at_least_every = settings.duration("at_least_every");
  cron.at_most_every = settings.duration("at_most_every");
  cron.next_within = settings.duration("next_within");
  cron.zone = read_time_zone(settings);
  settings.finish();
  return std::make_unique<CronProbe>(std::move(cron), resources);
}

}  // namespace gonogo
