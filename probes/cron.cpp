#include "probes/cron.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/formats/cron_expression.h"
#include "daemon/formats/crontab.h"
#include "daemon/formats/pattern.h"
#include "daemon/formats/shell_programs.h"
#include "daemon/formats/shell_work.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/cron_host.h"
#include "daemon/io/crontab_root.h"
#include "daemon/io/systemd_bus.h"
#include "daemon/io/zone_files.h"
#include "probes/resources.h"
#include "probes/shared/cron_entry.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t largest_file = 256 << 10;
constexpr std::size_t most_files = 500;

struct CronSettings {
  std::optional<std::vector<std::string>>
      files;  // glob patterns; nothing: the tables of cron itself
  bool timers = false;
  bool running = true;
  std::optional<CronFlavour> flavour;  // nothing: that of the host's cron
  Pattern command;
  std::string user;
  std::optional<Duration> at_least_every;
  std::optional<Duration> at_most_every;
  std::optional<Duration> next_within;
  TimeZone zone = local_time_zone();
};

// One matching job, from a crontab or a systemd timer.
struct Job {
  std::string where{};
  std::string schedule{};
  bool is_of_cron = true;
  bool is_at_reboot = false;
  std::optional<Duration> longest_gap{};
  std::optional<Duration> shortest_gap{};
  std::optional<WallTime> next{};
  std::string note{};
};

// A file that could not be read, or something that cron ignores.
struct Obstacle {
  std::string text;
  Reason reason = Reason::content;
  bool mentions = false;  // the command that is wanted is in there
};

struct Found {
  CronFlavour flavour = CronFlavour::debian;
  std::vector<Job> jobs;
  std::vector<Obstacle> obstacles;
  std::size_t files = 0;
};

const char* name_of(CronFlavour flavour) {
  return flavour == CronFlavour::debian ? "Debian's cron" : "cronie";
}

std::vector<std::string> tables_of(CronFlavour flavour) {
  return {"/etc/crontab", "/etc/cron.d/*",
          flavour == CronFlavour::debian ? "/var/spool/cron/crontabs/*" : "/var/spool/cron/*"};
}

std::vector<std::string> files_of(const CronSettings& wanted, CronFlavour flavour) {
  std::vector<std::string> files;
  for (const std::string& pattern : wanted.files.value_or(tables_of(flavour))) {
    const std::vector<std::string> found = matching_paths(pattern);
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.size() > most_files) files.resize(most_files);
  return files;
}

bool mentions(const CronSettings& wanted, std::string_view text) {
  return wanted.command->matches(text);
}

std::string_view line_of(std::string_view text, int number) {
  for (; number > 1 && !text.empty(); --number)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text.substr(0, text.find('\n'));
}

void add_job(const CronSettings& wanted, const CrontabEntry& entry, const std::string& where,
             WallTime now, Found& found) {
  Job job{.where = where, .schedule = entry.schedule, .is_at_reboot = entry.fields.at_reboot};
  const auto own_zone = entry.zone.empty() ? wanted.zone : find_time_zone(entry.zone);
  const TimeZone zone = own_zone ? *own_zone : *find_time_zone("UTC");
  if (!entry.fields.at_reboot) {
    const CronExpression cron(entry.fields);
    job.next = cron.next_after(now, zone);
    if (const auto cadence = cron.cadence(now, zone)) {
      job.longest_gap = cadence->longest;
      job.shortest_gap = cadence->shortest;
    }
  }
  if (entry.command.ends_with('\r'))
    job.note = "; its line ends with a carriage return, which the shell takes into the last word";
  found.jobs.push_back(std::move(job));
}

// Files that an entry runs by way of their folder are no entries; they are named where they would
// have fitted.
void add_parts(const CronSettings& wanted, const std::string& where, const ShellWork& work,
               const CrontabRoot& root, Found& found) {
  static const RE2 call("(?:\\S*/)?run-parts(?: .*)? (/[^ ]+)");
  static const RE2 taken("[A-Za-z0-9_-]+");
  for (const std::string& run : work.runs) {
    std::string folder;
    if (!RE2::FullMatch(run, call, &folder)) continue;
    while (folder.ends_with('/')) folder.pop_back();
    for (const std::string& file : root.files_in(folder)) {
      if (!mentions(wanted, file)) continue;
      std::string text = where;
      for (const std::string_view part :
           {std::string_view(" runs the files of "), std::string_view(folder),
            std::string_view(" by run-parts, and "), std::string_view(file),
            std::string_view(" is one of them: it is no entry of its own")})
        text += part;
      if (!RE2::FullMatch(shell_program_name(file), taken))
        text += " (run-parts leaves it out, because its name holds a dot or the like)";
      found.obstacles.push_back({std::move(text), Reason::missing, true});
    }
  }
}

void inspect_entries(const CronSettings& wanted, const std::string& path, const Crontab& crontab,
                     WallTime now, Found& found) {
  const bool is_of_user = !owner_of_crontab(path).empty();
  const CrontabRoot root(path);
  for (const CrontabEntry& entry : crontab.entries) {
    if (!wanted.user.empty() && entry.user != wanted.user) continue;
    const std::string where = path + ":" + std::to_string(entry.line);
    const ShellReading reading = shell_reading(entry, crontab, root);
    const ShellWork work = shell_work(entry.command, reading);
    const bool fits = work.fits([&](const std::string& text) { return mentions(wanted, text); });
    if (!fits) add_parts(wanted, where, work, root, found);
    if (!fits && !mentions(wanted, entry.command)) continue;
    std::string fault = fault_of_entry(entry, root, reading, is_of_user);
    if (fault.empty() && !fits) fault = work.stop;
    if (fault.empty() && !fits && !work.problem.empty())
      fault = "the shell refuses its command: " + work.problem;
    if (fits && fault.empty()) {
      add_job(wanted, entry, where, now, found);
      continue;
    }
    std::string text = where;
    text += fault.empty() ? " only mentions it and does not run it" : " does not run it: ";
    text += fault;
    if (fault.empty() && !work.hint.empty()) text += " (" + work.hint + ")";
    found.obstacles.push_back({std::move(text), Reason::content, true});
  }
}

void add_problems(const CronSettings& wanted, const std::string& path, const std::string& text,
                  const Crontab& crontab, Found& found) {
  for (const CrontabProblem& problem : crontab.problems) {
    const std::string line = std::to_string(problem.line);
    std::string words = path;
    words += crontab.ignores_file ? " is ignored by cron, line " : ":";
    words += line;
    words += crontab.ignores_file ? ": " : " is ignored by cron: ";
    const bool is_wanted =
        mentions(wanted, crontab.ignores_file ? text : line_of(text, problem.line));
    found.obstacles.push_back({words + problem.text, Reason::content, is_wanted});
  }
}

void inspect_crontab(const CronSettings& wanted, const std::string& path, WallTime now,
                     Found& found) {
  std::string text;
  std::string refusal;
  try {
    refusal = refusal_of_crontab(path, found.flavour);
    text = read_bounded_file(path, largest_file);
  } catch (const IoError& broken) {
    if (!broken.can_judge()) throw;
    found.obstacles.push_back({broken.what(), broken.reason(), false});
    return;
  }
  ++found.files;
  if (!refusal.empty()) {
    found.obstacles.push_back(
        {path + " is ignored by cron: " + refusal, Reason::content, mentions(wanted, text)});
    return;
  }
  const Crontab crontab = parse_crontab(
      text,
      {.flavour = found.flavour, .owner = owner_of_crontab(path), .is_user = is_user_of_host});
  add_problems(wanted, path, text, crontab, found);
  inspect_entries(wanted, path, crontab, now, found);
}

void inspect_timers(const CronSettings& wanted, Now now, Duration timeout, Found& found) {
  SystemdBus bus(timeout);
  for (const std::string& name : bus.timers()) {
    const TimerFacts timer = bus.timer(name, now);
    const std::vector<std::string> commands = bus.commands_of(timer.triggers);
    const bool fits =
        std::any_of(commands.begin(), commands.end(),
                    [&](const std::string& command) { return wanted.command->matches(command); });
    if (!fits) continue;
    Job job{.where = name, .schedule = "systemd timer", .is_of_cron = false, .next = timer.next};
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
  if (job.is_of_cron && !job.is_at_reboot && !job.next)
    return "never runs (a range that goes backwards, such as 22-4, is empty)";
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

// Those that mention the command come first.
std::string in_words(const std::vector<Obstacle>& obstacles) {
  std::string first;
  std::string rest;
  for (const Obstacle& obstacle : obstacles) {
    std::string& into = obstacle.mentions ? first : rest;
    into += "; " + obstacle.text;
  }
  return first + rest;
}

Finding no_job(const CronSettings& wanted, const Found& found) {
  Reason reason = found.obstacles.empty() ? Reason::missing : found.obstacles.front().reason;
  for (const Obstacle& obstacle : found.obstacles) {
    if (!obstacle.mentions) continue;
    reason = obstacle.reason;
    break;
  }
  const std::string text = "no entry runs " + in_quotes(wanted.command->pattern()) +
                           (wanted.user.empty() ? "" : " as " + wanted.user) + ", in " +
                           counted(found.files, "crontab") + " as " + name_of(found.flavour) +
                           " reads them";
  return Finding::fail(reason, on_one_line(text + in_words(found.obstacles), 600));
}

// What is wrong with the cron that would run `job`.
std::optional<Finding> objection_to_cron(const CronSettings& wanted, const Job& job,
                                         Duration timeout) {
  if (!wanted.running || !job.is_of_cron) return std::nullopt;
  const std::optional<bool> runs = is_cron_running(timeout);
  if (runs.value_or(false)) return std::nullopt;
  if (runs) {
    return Finding::fail(Reason::status, on_one_line("no cron runs on this host, so " + job.where +
                                                         " (" + job.schedule + ") does not run",
                                                     400));
  }
  return Finding::fail(Reason::permission,
                       "whether a cron runs cannot be seen: other processes are hidden and systemd "
                       "does not answer (`running: false` leaves this out)");
}

Finding judge(const CronSettings& wanted, const Found& found, WallTime now, Duration timeout) {
  if (found.jobs.empty()) return no_job(wanted, found);
  std::string objections;
  for (const Job& job : found.jobs) {
    const std::string objection = objection_to(wanted, job, now);
    if (!objection.empty()) {
      objections +=
          (objections.empty() ? "" : "; ") + job.where + " (" + job.schedule + ") " + objection;
      continue;
    }
    if (auto fault = objection_to_cron(wanted, job, timeout)) return std::move(*fault);
    Finding finding = Finding::pass(
        on_one_line(job.where + " (" + job.schedule + ")" +
                        (job.next ? " runs in " + to_words(*job.next - now) : "") + job.note,
                    400));
    if (job.next) finding.measure("until_next", in_seconds(*job.next - now), "seconds");
    if (job.is_of_cron) finding.note("cron", name_of(found.flavour));
    const std::string obstacles = in_words(found.obstacles);
    if (!obstacles.empty()) finding.note("obstacles", on_one_line(obstacles.substr(2), 400));
    return finding;
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
      found.flavour = settings->flavour ? *settings->flavour : installed_cron();
      for (const std::string& file : files_of(*settings, found.flavour))
        inspect_crontab(*settings, file, now.wall, found);
      if (settings->timers) inspect_timers(*settings, now, left, found);
      return judge(*settings, found, now.wall, left);
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
  if (settings.has("files")) cron.files = settings.texts("files");
  cron.timers = settings.flag_or("timers", false);
  cron.running = settings.flag_or("running", !settings.has("files"));
  if (const auto flavour = settings.one_of("flavour", {"debian", "cronie"}))
    cron.flavour = *flavour == "debian" ? CronFlavour::debian : CronFlavour::cronie;
  cron.user = settings.text_or("user", "");
  cron.at_least_every = settings.duration("at_least_every");
  cron.at_most_every = settings.duration("at_most_every");
  cron.next_within = settings.duration("next_within");
  cron.zone = read_time_zone(settings);
  settings.finish();
  return std::make_unique<CronProbe>(std::move(cron), resources);
}

}  // namespace gonogo
