#include "probes/log.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/blocking_pool.h"
#include "probes/resources.h"
#include "probes/shared/log_count.h"
#include "probes/shared/log_memory.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct LogSettings {
  std::string path;
  LogRules rules;
  std::optional<std::int64_t> max;
  std::optional<std::int64_t> warn_max;
  std::optional<std::int64_t> min;
  std::optional<double> max_per_minute;
  std::optional<Duration> window;
  LogBounds bounds;
  std::string note_name;
  // An abandoned run may still be reading when the next one begins.
  std::mutex reading;
  // What the last run read, until it has been judged: an abandoned run's is not read again, so that
  // a log that takes longer than one run is read all the same.
  struct Unjudged {
    std::optional<LogPosition> former;
    LogCount counted;
  };
  std::optional<Unjudged> unjudged;
};

// Blocks, so it runs on the pool.
LogCount count_lines(LogSettings& wanted, const std::optional<LogPosition>& former,
                     const LogBounds& bounds) {
  const std::scoped_lock lock(wanted.reading);
  LogCount counted;
  std::optional<LogPosition> from = former;
  if (auto unjudged = std::exchange(wanted.unjudged, std::nullopt);
      unjudged && unjudged->former == former) {
    counted = std::move(unjudged->counted);
    from = counted.reading.position;
  }
  count_new_lines(wanted.rules, wanted.path, from, bounds, counted);
  wanted.unjudged = LogSettings::Unjudged{former, counted};
  return counted;
}

// Seconds since 1970.
std::int64_t seconds_of(WallTime time) { return static_cast<std::int64_t>(to_epoch(time)); }

class LogProbe : public Probe {
 public:
  LogProbe(std::shared_ptr<LogSettings> settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    LogMemory memory;
    if (const auto note = attempt.memory().note()) memory = log_memory_of(*note);
    const bool is_first = !memory.position;
    attempt.enter(Stage::read);
    auto read = [settings = settings_, former = memory.position, bounds = bounds_now()] {
      return count_lines(*settings, former, bounds);
    };
    auto reading = offload(resources_.pool, std::move(read));
    LogCount counted = co_await std::move(reading);
    attempt.enter(Stage::judge);
    if (!counted.undecided.empty() || counted.unfinished) {
      auto judging = judge_undecided(settings_->rules, counted, resources_, attempt);
      co_await std::move(judging);
    }
    memory.position = counted.reading.position;
    const std::int64_t now = seconds_of(resources_.clock.wall());
    const LogMatches in_window = remember(memory, counted, now);
    // A result after the deadline is discarded, so the next run has to judge these lines again.
    if (attempt.remaining() > Duration::zero()) keep(attempt, memory);
    co_return judge(counted, in_window, memory, is_first, now);
  }

  std::string memory_key() const override { return settings_->note_name; }

 private:
  LogBounds bounds_now() const {
    const WallTime wall = resources_.clock.wall();
    const std::int64_t now = seconds_of(wall);
    LogBounds bounds = settings_->bounds;
    constexpr std::int64_t second = 1'000'000'000;
    bounds.now =
        std::chrono::duration_cast<std::chrono::nanoseconds>(wall.time_since_epoch()).count();
    // The clock of a file server may be a little behind.
    constexpr std::int64_t spare = 60;
    if (settings_->window) bounds.since = (oldest_at(now) - spare) * second;
    return bounds;
  }

  std::int64_t oldest_at(std::int64_t now) const {
    if (!settings_->window) return 0;
    return now - static_cast<std::int64_t>(in_seconds(*settings_->window));
  }

  void keep(Attempt& attempt, const LogMemory& memory) const {
    attempt.memory().write_note(to_note(memory));
    // The run that read it has ended: nobody waits.
    const std::scoped_lock lock(settings_->reading);
    settings_->unjudged.reset();
  }

  LogMatches remember(LogMemory& memory, const LogCount& counted, std::int64_t now) const {
    // What was read since the last run is what was read in one run, or in several until the end of
    // the log was reached.
    if (!settings_->window && !memory.is_behind) {
      memory.buckets.clear();
      memory.samples.clear();
      memory.loss.reset();
    }
    memory.is_behind = counted.reading.left > 0;
    if (auto why = loss_of(counted.reading); !why.empty())
      memory.loss = LogMemory::Loss{now, std::move(why)};
    return memory.add_to_window(now, oldest_at(now), counted.matches, counted.samples);
  }

  // Empty when every line was read.
  std::string loss_of(const LogReading& reading) const {
    if (reading.lost_some) return "some lines were not read: " + on_one_line(reading.why, 300);
    if (!reading.falls_short) return {};
    if (!reading.why.empty())
      return "former files are out of reach: " + on_one_line(reading.why, 300);
    const auto most = static_cast<std::int64_t>(settings_->bounds.most_bytes);
    return "the first run read " + size_in_words(most) + " of the log (max_read), which is less";
  }

  // Which lines nobody can say anything of.
  std::string not_judged(const LogCount& counted) const {
    const auto such = [](const LinesNotJudged& lines) {
      return ", such as " + in_quotes(lines.sample, 120);
    };
    std::string text;
    if (const LinesNotJudged& lines = counted.by_json; lines.count > 0) {
      text = "; " + on_one_line(settings_->rules.json.text, 80) + " cannot judge " +
             gonogo::counted(lines.count, "line") + " of this run" + such(lines);
    }
    if (const LinesNotJudged& lines = counted.too_long; lines.count > 0) {
      const LogBounds& bounds = settings_->bounds;
      const auto most = std::min<std::uint64_t>(bounds.longest_line, bounds.most_bytes);
      text += "; " + gonogo::counted(lines.count, "line") + " of this run " +
              (lines.count == 1 ? "is" : "are") + " longer than " +
              size_in_words(static_cast<std::int64_t>(most)) + " and cannot be judged" +
              such(lines);
    }
    return text;
  }

  // A doubtful line is good in no way: it counts for `max` and its like, and not for `min`.
  Finding judge(const LogCount& counted, LogMatches matches, const LogMemory& memory, bool is_first,
                std::int64_t now) const {
    const LogSettings& wanted = *settings_;
    const bool has_most = wanted.max || wanted.max_per_minute || wanted.warn_max;
    const std::int64_t count = has_most ? matches.all() : matches.sure;
    const std::string span = wanted.window ? "within " + to_words(*wanted.window)
                             : is_first    ? "at the end of the log"
                                           : "since the last run";
    const auto in_words = [&span](std::int64_t lines) {
      return gonogo::counted(lines, "line") + " " + span;
    };
    const std::string seen = in_words(count);
    const double minutes = wanted.window ? in_seconds(*wanted.window) / 60 : 1;
    const double rate = static_cast<double>(count) / minutes;
    const std::string sample =
        memory.samples.empty() ? "" : "; such as " + in_quotes(memory.samples.front().text, 120);
    const std::string more = not_judged(counted);
    Finding finding = Finding::pass(seen + more);
    const auto fail = [&](const std::string& wish) {
      finding = Finding::fail(Reason::threshold, seen + ", wanted " + wish + sample + more);
    };
    if (wanted.max && count > *wanted.max) {
      fail("at most " + std::to_string(*wanted.max));
    } else if (wanted.max_per_minute && rate > *wanted.max_per_minute) {
      fail("at most " + number_in_words(*wanted.max_per_minute) + " a minute");
    } else if (memory.loss) {
      finding = Finding::fail(Reason::missing, loss_in_words(*memory.loss, now));
    } else if (counted.reading.left > 0) {
      // Lines that were not read yet may match, so nothing is proven.
      finding = Finding::unknown(
          Reason::prober, size_in_words(static_cast<std::int64_t>(counted.reading.left)) +
                              " of the log not read yet, it grows faster than one run reads");
    } else if (wanted.min && matches.sure < *wanted.min) {
      finding = Finding::fail(Reason::threshold, in_words(matches.sure) + ", wanted at least " +
                                                     std::to_string(*wanted.min) + sample + more);
    } else if (wanted.warn_max && count > *wanted.warn_max) {
      finding =
          Finding::warn(Reason::threshold, seen + ", a warning above " +
                                               std::to_string(*wanted.warn_max) + sample + more);
    }
    const bool is_kept = wanted.window && loss_of(counted.reading).empty();
    finding.is_seen_once = finding.outcome == Outcome::fail && !is_kept;
    finding.measure("matches", static_cast<double>(count), "count");
    finding.measure("lines", static_cast<double>(counted.reading.lines), "count");
    for (std::size_t i = 0; i < memory.samples.size(); ++i)
      finding.note("sample_" + std::to_string(i + 1), memory.samples[i].text);
    return finding;
  }

  std::string loss_in_words(const LogMemory::Loss& loss, std::int64_t now) const {
    std::string text = loss.why;
    if (loss.time < now) text += ", " + to_words(std::chrono::seconds{now - loss.time}) + " ago";
    if (settings_->window) text += "; wanted all lines within " + to_words(*settings_->window);
    return text;
  }

  std::shared_ptr<LogSettings> settings_;
  Resources& resources_;
};

}  // namespace

namespace {

// What was counted and passed over by other rules, or over another time, says nothing of these.
std::string note_name_of(const Settings& settings, const LogSettings& log) {
  std::string rules;
  const auto add = [&rules](std::string_view name, const std::string& text) {
    rules.append(name).append(1, '\0').append(text).append(1, '\0');
  };
  for (const Pattern& pattern : log.rules.matches) add("matches", pattern->pattern());
  for (const Pattern& pattern : log.rules.ignore) add("ignore", pattern->pattern());
  add("json", log.rules.json.text);
  add("window", log.window ? std::to_string(in_seconds(*log.window)) : "");
  for (const std::string& folder : log.bounds.folders) add("olddir", folder);
  return settings.path() + " " + log.path + " " + sha256_hex(rules).substr(0, 16);
}

}  // namespace

std::unique_ptr<Probe> make_log(Settings& settings, Resources& resources) {
  auto log = std::make_shared<LogSettings>();
  log->path = settings.required_text("path", "/var/log/app.log");
  log->rules.matches = read_patterns(settings, "matches");
  log->rules.ignore = read_patterns(settings, "ignore");
  log->rules.json = read_own_json_condition(settings, "json", ".level == \"error\"");
  log->rules.plain_json = own_plain_program(log->rules.json);
  log->max = settings.integer("max", 0, 1'000'000'000);
  log->warn_max = settings.integer("warn_max", 0, 1'000'000'000);
  log->min = settings.integer("min", 0, 1'000'000'000);
  log->max_per_minute = settings.number("max_per_minute", 0, 1e9);
  log->window = settings.duration("window");
  if (log->max_per_minute && !log->window)
    settings.complain_at("max_per_minute", "needs a `window` (such as window: 10m)");
  bool is_bounded = false;
  for (const char* key : {"max", "warn_max", "min", "max_per_minute"})
    is_bounded = is_bounded || settings.has(key);
  if (!is_bounded)
    settings.complain("needs `max`, `min`, `warn_max` or `max_per_minute` (such as max: 0)");
  if (const auto first = settings.size(settings.renamed("first_run", "first_look")))
    log->bounds.first_reading = static_cast<std::uint64_t>(*first);
  if (const auto most = settings.size("max_read"))
    log->bounds.most_bytes = static_cast<std::uint64_t>(*most);
  for (const std::string& folder : settings.texts("olddir")) log->bounds.folders.push_back(folder);
  log->note_name = note_name_of(settings, *log);
  settings.finish();
  return std::make_unique<LogProbe>(std::move(log), resources);
}

}  // namespace gonogo
