#include "probes/log.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/text_cleaner.h"
#include "daemon/core/units.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/json_conditions.h"
#include "daemon/io/log_reader.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

using nlohmann::json;

constexpr std::size_t most_samples = 3;
constexpr std::size_t most_buckets = 500;

struct LogSettings {
  std::string path;
  std::vector<Pattern> matches;
  std::vector<Pattern> ignore;
  std::shared_ptr<JqProgram> json;  // shared with no other check: lines are judged on the pool
  std::optional<std::int64_t> max;
  std::optional<std::int64_t> warn_max;
  std::optional<std::int64_t> min;
  std::optional<double> max_per_minute;
  std::optional<Duration> window;
  LogBounds bounds;
  std::string note_name;
  // An abandoned run may still be reading when the next one begins.
  std::mutex reading;
};

struct Counted {
  LogReading reading;
  std::int64_t matches = 0;
  std::vector<std::string> samples;
  std::vector<std::string> undecided;  // lines that another process has to judge
  std::vector<Torn> torn;              // one for each of them

  void add(std::string_view line, Torn at) {
    ++matches;
    if (samples.size() < most_samples) samples.push_back(on_one_line(cleaned(line, at), 200));
  }
};

// What is kept between runs.
struct LogMemory {
  std::optional<LogPosition> position;
  std::deque<std::pair<std::int64_t, std::int64_t>> buckets;  // seconds since 1970, matches
};

std::string to_note(const LogMemory& memory) {
  json note{{"buckets", memory.buckets}};
  if (const auto& at = memory.position) {
    note["position"] = {{"device", at->device},       {"inode", at->inode},
                        {"offset", at->offset},       {"head", at->head},
                        {"head_size", at->head_size}, {"tail", at->tail}};
  }
  return to_json_text(note);
}

// Empty when the text is no such note: the log is then read as in the first run.
LogMemory from_note(const std::string& text) {
  LogMemory memory;
  try {
    const json note = json::parse(text);
    note.at("buckets").get_to(memory.buckets);
    if (note.contains("position")) {
      const json& at = note.at("position");
      memory.position =
          LogPosition{at.at("device").get<std::uint64_t>(),    at.at("inode").get<std::uint64_t>(),
                      at.at("offset").get<std::uint64_t>(),    at.at("head").get<std::string>(),
                      at.at("head_size").get<std::uint64_t>(), at.value("tail", "")};
    }
  } catch (const json::exception&) {
    return {};
  }
  return memory;
}

bool fits_patterns(const LogSettings& wanted, std::string_view line) {
  const re2::StringPiece text(line.data(), line.size());
  const auto fits = [&text](const Pattern& pattern) { return RE2::PartialMatch(text, *pattern); };
  if (!wanted.matches.empty() && std::none_of(wanted.matches.begin(), wanted.matches.end(), fits))
    return false;
  return std::none_of(wanted.ignore.begin(), wanted.ignore.end(), fits);
}

bool fits_json(const LogSettings& wanted, std::string_view line) {
  std::string problem;
  const std::optional<Json> document = Json::parse(line, problem);
  if (!document) return false;
  const std::vector<std::string> answers = wanted.json->run(*document, problem);
  return answers.size() == 1 && answers.front() == "true";
}

// Blocks, so it runs on the pool.
Counted count_lines(LogSettings& wanted, const std::optional<LogPosition>& former) {
  const std::scoped_lock lock(wanted.reading);
  Counted counted;
  Torn torn;
  counted.reading = read_new_lines(wanted.path, former, wanted.bounds, [&](std::string_view line) {
    // A line that is too long comes in pieces.
    torn.begin = torn.end;
    torn.end = line.size() >= wanted.bounds.longest_line;
    if (!fits_patterns(wanted, line)) return;
    if (wanted.json && !wanted.json->runs_here(line.size())) {
      counted.undecided.emplace_back(line);
      counted.torn.push_back(torn);
    } else if (!wanted.json || fits_json(wanted, line)) {
      counted.add(line, torn);
    }
  });
  return counted;
}

class LogProbe : public Probe {
 public:
  LogProbe(std::shared_ptr<LogSettings> settings, Resources& resources)
      : settings_(std::move(settings)), resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    LogMemory memory;
    if (const auto note = attempt.memory().note()) memory = from_note(*note);
    const bool is_first = !memory.position;
    attempt.enter(Stage::read);
    auto read = [settings = settings_, former = memory.position] {
      return count_lines(*settings, former);
    };
    auto reading = offload(resources_.pool, std::move(read));
    Counted counted = co_await std::move(reading);
    attempt.enter(Stage::judge);
    if (!counted.undecided.empty()) {
      std::vector<std::string> lines = counted.undecided;
      auto judging = truths_of(settings_->json, std::move(lines), resources_, attempt);
      const std::vector<bool> truths = co_await std::move(judging);
      for (std::size_t i = 0; i < truths.size(); ++i) {
        if (truths[i]) counted.add(counted.undecided[i], counted.torn[i]);
      }
    }
    memory.position = counted.reading.position;
    const std::int64_t in_window = add_to_window(memory, counted.matches);
    // A result after the deadline is discarded, so the next run has to read these lines again.
    if (attempt.remaining() > Duration::zero()) attempt.memory().write_note(to_note(memory));
    co_return judge(counted, in_window, is_first);
  }

  std::string memory_key() const override { return settings_->note_name; }

 private:
  std::int64_t add_to_window(LogMemory& memory, std::int64_t matches) const {
    if (!settings_->window) {
      memory.buckets.clear();
      return matches;
    }
    const auto now = static_cast<std::int64_t>(to_epoch(resources_.clock.wall()));
    const auto oldest = now - static_cast<std::int64_t>(in_seconds(*settings_->window));
    if (matches > 0) memory.buckets.emplace_back(now, matches);
    while (!memory.buckets.empty() && memory.buckets.front().first < oldest)
      memory.buckets.pop_front();
    // The two oldest buckets become one with the younger time: no match leaves the window too
    // early.
    while (memory.buckets.size() > most_buckets) {
      memory.buckets[1].second += memory.buckets[0].second;
      memory.buckets.pop_front();
    }
    std::int64_t sum = 0;
    for (const auto& [time, count] : memory.buckets) sum += count;
    return sum;
  }

  Finding judge(const Counted& counted, std::int64_t count, bool is_first) const {
    const LogSettings& wanted = *settings_;
    const std::string span = wanted.window ? "within " + to_words(*wanted.window)
                             : is_first    ? "at the end of the log"
                                           : "since the last run";
    const std::string seen = gonogo::counted(count, "line") + " " + span;
    const double minutes = wanted.window ? in_seconds(*wanted.window) / 60 : 1;
    const double rate = static_cast<double>(count) / minutes;
    const std::string sample =
        counted.samples.empty() ? "" : "; such as " + in_quotes(counted.samples.front(), 120);
    Finding finding = Finding::pass(seen);
    const auto fail = [&](const std::string& wish) {
      finding = Finding::fail(Reason::threshold, seen + ", wanted " + wish + sample);
    };
    if (wanted.max && count > *wanted.max) {
      fail("at most " + std::to_string(*wanted.max));
    } else if (wanted.max_per_minute && rate > *wanted.max_per_minute) {
      fail("at most " + number_in_words(*wanted.max_per_minute) + " a minute");
    } else if (counted.reading.left > 0) {
      // Lines that were not read yet may match, so nothing is proven.
      finding = Finding::unknown(
          Reason::prober, size_in_words(static_cast<std::int64_t>(counted.reading.left)) +
                              " of the log not read yet, it grows faster than one run reads");
    } else if (counted.reading.lost_some) {
      finding =
          Finding::unknown(Reason::missing, "the log was rotated away before its end was read");
    } else if (wanted.min && count < *wanted.min) {
      fail("at least " + std::to_string(*wanted.min));
    } else if (wanted.warn_max && count > *wanted.warn_max) {
      finding = Finding::warn(Reason::threshold, seen + ", a warning above " +
                                                     std::to_string(*wanted.warn_max) + sample);
    }
    finding.is_seen_once = finding.outcome == Outcome::fail && !wanted.window;
    finding.measure("matches", static_cast<double>(count), "count");
    finding.measure("lines", static_cast<double>(counted.reading.lines), "count");
    for (std::size_t i = 0; i < counted.samples.size(); ++i)
      finding.note("sample_" + std::to_string(i + 1), counted.samples[i]);
    return finding;
  }

  std::shared_ptr<LogSettings> settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_log(Settings& settings, Resources& resources) {
  auto log = std::make_shared<LogSettings>();
  log->path = settings.required_text("path", "/var/log/app.log");
  log->note_name = settings.path() + " " + log->path;
  log->matches = read_patterns(settings, "matches");
  log->ignore = read_patterns(settings, "ignore");
  log->json = read_own_jq(settings, "json", ".level == \"error\"");
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
  settings.finish();
  return std::make_unique<LogProbe>(std::move(log), resources);
}

}  // namespace gonogo
