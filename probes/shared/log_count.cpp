#include "probes/shared/log_count.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_samples = 3;

std::string shown(std::string_view line, Torn torn) {
  return on_one_line(cleaned(line, torn), 200);
}

void take_sample(LogCount& counted, std::string_view line, Torn torn) {
  if (counted.samples.size() < most_samples) counted.samples.push_back(shown(line, torn));
}

void add(LogCount& counted, std::string_view line, Torn torn) {
  ++counted.matches.sure;
  take_sample(counted, line, torn);
}

void add_not_judged(LinesNotJudged& lines, LogCount& counted, std::string_view line, Torn torn,
                    bool is_doubtful) {
  if (lines.count++ == 0) lines.sample = shown(line, torn);
  if (!is_doubtful) return;
  ++counted.matches.doubtful;
  take_sample(counted, line, torn);
}

bool fits_one(const std::vector<Pattern>& patterns, std::string_view line) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&line](const Pattern& pattern) { return pattern->matches(line); });
}

bool fits_patterns(const LogRules& rules, std::string_view line) {
  return (rules.matches.empty() || fits_one(rules.matches, line)) && !fits_one(rules.ignore, line);
}

// Judges a line that is too long by its beginning. What is behind it may make it one that counts,
// or one that does not.
void judge_beginning(const LogRules& rules, std::string_view line, LogCount& counted) {
  constexpr Torn torn{.end = true};
  if (fits_one(rules.ignore, line)) return;
  const bool counts = rules.matches.empty() || fits_one(rules.matches, line);
  if (counts && rules.ignore.empty() && !rules.json) {
    add(counted, line, torn);
  } else {
    add_not_judged(counted.too_long, counted, line, torn, true);
  }
}

void judge_line(const LogRules& rules, std::string_view line, Torn torn, LogCount& counted) {
  if (!fits_patterns(rules, line)) return;
  if (!rules.json) return add(counted, line, torn);
  if (!rules.json.program->runs_here(line.size())) {
    counted.undecided.push_back({std::string(line), torn});
    return;
  }
  const JqTruth truth = truth_of(*rules.json.program, line);
  if (truth == JqTruth::yes) add(counted, line, torn);
  if (truth == JqTruth::not_judged) {
    const bool is_doubtful = !rules.plain_json || truth_of(*rules.plain_json, line) == JqTruth::yes;
    add_not_judged(counted.by_json, counted, line, torn, is_doubtful);
  }
}

// Where it does not count, it is judged again when it has grown.
void take_if_it_counts(LogCount& counted, LogCount one) {
  if (one.matches.all() == 0) return;
  counted.matches.sure += one.matches.sure;
  counted.matches.doubtful += one.matches.doubtful;
  counted.by_json.count += one.by_json.count;
  if (counted.by_json.sample.empty()) counted.by_json.sample = std::move(one.by_json.sample);
  if (counted.samples.size() < most_samples)
    counted.samples.insert(counted.samples.end(), one.samples.begin(), one.samples.end());
  ++counted.reading.lines;
  counted.reading.position = std::move(counted.reading.unfinished->behind);
}

void judge_unfinished(const LogRules& rules, LogCount& counted) {
  if (!counted.reading.unfinished) return;
  LogCount one;
  // It may end within a secret.
  judge_line(rules, counted.reading.unfinished->text, {.end = true}, one);
  if (!one.undecided.empty()) {
    counted.unfinished = std::move(one.undecided.front());
  } else {
    take_if_it_counts(counted, std::move(one));
  }
}

void add_former(LogReading& reading, const LogReading& former) {
  reading.lines += former.lines;
  reading.lost_some = reading.lost_some || former.lost_some;
  reading.falls_short = reading.falls_short || former.falls_short;
  if (reading.why.empty()) reading.why = former.why;
}

}  // namespace

void count_new_lines(const LogRules& rules, const std::string& path,
                     const std::optional<LogPosition>& former, const LogBounds& bounds,
                     LogCount& counted) {
  const LogReading before = counted.reading;
  counted.unfinished.reset();
  counted.reading = read_new_lines(path, former, bounds, [&](const LogLine& line) {
    if (line.is_cut) {
      judge_beginning(rules, line.text, counted);
    } else {
      judge_line(rules, line.text, {}, counted);
    }
  });
  add_former(counted.reading, before);
  judge_unfinished(rules, counted);
}

asio::awaitable<void> judge_undecided(const LogRules& rules, LogCount& counted, Io& io,
                                      Attempt& attempt) {
  std::vector<std::string> lines;
  for (const LogCount::Undecided& line : counted.undecided) lines.push_back(line.text);
  auto judging = truths_of(rules.json.program, std::move(lines), io, attempt);
  const std::vector<JqTruth> truths = co_await std::move(judging);
  std::vector<LogCount::Undecided> not_judged;
  for (std::size_t i = 0; i < truths.size(); ++i) {
    LogCount::Undecided& line = counted.undecided[i];
    if (truths[i] == JqTruth::yes) add(counted, line.text, line.torn);
    if (truths[i] == JqTruth::not_judged) not_judged.push_back(std::move(line));
  }
  std::vector<JqTruth> plain(not_judged.size(), JqTruth::yes);
  if (!not_judged.empty() && rules.plain_json) {
    std::vector<std::string> again;
    for (const LogCount::Undecided& line : not_judged) again.push_back(line.text);
    auto asking = truths_of(rules.plain_json, std::move(again), io, attempt);
    plain = co_await std::move(asking);
  }
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const LogCount::Undecided& line = not_judged[i];
    add_not_judged(counted.by_json, counted, line.text, line.torn, plain[i] == JqTruth::yes);
  }
  if (!counted.unfinished) co_return;
  LogCount one;
  one.undecided.push_back(std::move(*counted.unfinished));
  counted.unfinished.reset();
  auto judging_it = judge_undecided(rules, one, io, attempt);
  co_await std::move(judging_it);
  take_if_it_counts(counted, std::move(one));
}

}  // namespace gonogo
