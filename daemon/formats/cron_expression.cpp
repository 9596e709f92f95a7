#include "daemon/formats/cron_expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using std::chrono::days;
using std::chrono::minutes;

// There may be eight years from one 29 February to the next.
constexpr int most_days_ahead = 9 * 366;

struct Field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names;  // the names of `least` and of the numbers after it
};

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat"};
constexpr Field minute_field{"minute", 0, 59, {}};
constexpr Field hour_field{"hour", 0, 23, {}};
constexpr Field day_field{"day of the month", 1, 31, {}};
constexpr Field month_field{"month", 1, 12, month_names};
constexpr Field weekday_field{"day of the week", 0, 7, day_names};

struct Macro {
  std::string_view name;
  std::string_view means;
};
constexpr std::array<Macro, 7> macros{{{"@yearly", "0 0 1 1 *"},
                                       {"@annually", "0 0 1 1 *"},
                                       {"@monthly", "0 0 1 * *"},
                                       {"@weekly", "0 0 * * 0"},
                                       {"@daily", "0 0 * * *"},
                                       {"@midnight", "0 0 * * *"},
                                       {"@hourly", "0 * * * *"}}};

std::optional<int> number_in(std::string_view text, const Field& field) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) {
    if (number < field.least || number > field.most) return std::nullopt;
    return number;
  }
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (equal_ignoring_case(field.names[i], text)) return field.least + static_cast<int>(i);
  }
  return std::nullopt;
}

// "*", "*/5", "1-5", "1-9/2", "mon", "7".
bool take_part(std::string_view part, const Field& field, std::vector<int>& into) {
  const std::size_t slash = part.find('/');
  std::string_view range = part.substr(0, slash);
  int step = 1;
  if (slash != std::string_view::npos) {
    const std::string_view text = part.substr(slash + 1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
    if (error != std::errc{} || end != text.data() + text.size() || step < 1 || step > 100)
      return false;
  }
  std::optional<int> from = field.least;
  std::optional<int> until = field.most;
  if (range != "*") {
    const std::size_t dash = range.find('-');
    from = number_in(range.substr(0, dash), field);
    until = dash == std::string_view::npos ? from : number_in(range.substr(dash + 1), field);
    // "5/10" is no range with a step in Debian's cron.
    if (dash == std::string_view::npos && slash != std::string_view::npos) return false;
  }
  if (!from || !until || *from > *until) return false;
  for (int value = *from; value <= *until; value += step) into.push_back(value);
  return true;
}

std::optional<std::vector<int>> values_of(std::string_view text, const Field& field) {
  std::vector<int> values;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (!take_part(text.substr(0, comma), field, values)) return std::nullopt;
    if (comma == text.size()) return values;
    text.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!(text = trimmed(text)).empty()) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

}  // namespace

CronExpression::CronExpression(const CronFields& fields)
    : minutes_(fields.minutes),
      hours_(fields.hours),
      days_(fields.days),
      months_(fields.months),
      any_day_(fields.any_day),
      any_weekday_(fields.any_weekday),
      by_what_clocks_show_(fields.is_wild) {
  for (std::size_t i = 0; i < fields.weekdays.size(); ++i) {
    if (fields.weekdays.test(i)) weekdays_.set(i % weekdays_.size());
  }
}

std::optional<CronExpression> CronExpression::parse(std::string_view text, std::string& problem) {
  text = trimmed(text);
  for (const Macro& macro : macros) {
    if (equal_ignoring_case(macro.name, text)) text = macro.means;
  }
  const std::vector<std::string_view> words = words_of(text);
  if (words.size() != 5) {
    problem =
        "has " + std::to_string(words.size()) + " fields, wanted five or a macro such as @daily";
    return std::nullopt;
  }
  constexpr std::array<const Field*, 5> fields{&minute_field, &hour_field, &day_field, &month_field,
                                               &weekday_field};
  CronExpression cron;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto values = values_of(words[i], *fields.at(i));
    if (!values) {
      problem = in_quotes(words[i]) + " is no " + std::string(fields.at(i)->name) + " (" +
                std::to_string(fields.at(i)->least) + " to " + std::to_string(fields.at(i)->most) +
                ", *, lists, ranges, steps)";
      return std::nullopt;
    }
    for (const int value : *values) {
      const auto bit = static_cast<std::size_t>(value);
      if (i == 0) cron.minutes_.set(bit);
      if (i == 1) cron.hours_.set(bit);
      if (i == 2) cron.days_.set(bit);
      if (i == 3) cron.months_.set(bit);
      if (i == 4) cron.weekdays_.set(bit % 7);
    }
  }
  cron.any_day_ = words[2].starts_with('*');
  cron.any_weekday_ = words[4].starts_with('*');
  cron.by_what_clocks_show_ = words[0].starts_with('*') || words[1].starts_with('*');
  return cron;
}

bool CronExpression::is_day(LocalMinutes midnight) const {
  const std::chrono::sys_days day{std::chrono::floor<days>(midnight)};
  const std::chrono::year_month_day date{day};
  if (!months_.test(static_cast<unsigned>(date.month()))) return false;
  const bool by_day = days_.test(static_cast<unsigned>(date.day()));
  const bool by_weekday = weekdays_.test(std::chrono::weekday{day}.c_encoding());
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

std::vector<WallTime> CronExpression::runs_on(LocalMinutes midnight, const TimeZone& zone) const {
  std::vector<WallTime> runs;
  const WallTime begin = zone.to_wall(midnight);
  const WallTime end = zone.to_wall(midnight + days{1});
  // On a day without a change of the clocks, arithmetic is enough.
  const bool is_even = end - begin == days{1};
  if (by_what_clocks_show_ && !is_even) {
    for (WallTime time = begin; time < end; time += minutes{1}) {
      const auto of_day = static_cast<std::size_t>((zone.to_local(time) - midnight).count());
      if (of_day < 1440 && hours_.test(of_day / 60) && minutes_.test(of_day % 60))
        runs.push_back(time);
    }
    return runs;
  }
  for (std::size_t hour = 0; hour < hours_.size(); ++hour) {
    for (std::size_t minute = 0; hours_.test(hour) && minute < minutes_.size(); ++minute) {
      if (!minutes_.test(minute)) continue;
      const minutes of_day{static_cast<int>(hour * 60 + minute)};
      runs.push_back(is_even ? begin + of_day : zone.to_wall(midnight + of_day));
    }
  }
  // Two runs in a skipped hour become the same moment, and both come before the later runs.
  std::sort(runs.begin(), runs.end());
  runs.erase(std::unique(runs.begin(), runs.end()), runs.end());
  return runs;
}

std::optional<WallTime> CronExpression::next_after(WallTime time, const TimeZone& zone) const {
  LocalMinutes midnight = std::chrono::floor<days>(zone.to_local(time));
  for (int i = 0; i < most_days_ahead; ++i, midnight += days{1}) {
    if (!is_day(midnight)) continue;
    const std::vector<WallTime> runs = runs_on(midnight, zone);
    const auto found = std::upper_bound(runs.begin(), runs.end(), time);
    if (found != runs.end()) return *found;
  }
  return std::nullopt;
}

std::optional<WallTime> CronExpression::last_until(WallTime time, const TimeZone& zone) const {
  LocalMinutes midnight = std::chrono::floor<days>(zone.to_local(time));
  for (int i = 0; i < most_days_ahead; ++i, midnight -= days{1}) {
    if (!is_day(midnight)) continue;
    const std::vector<WallTime> runs = runs_on(midnight, zone);
    const auto found = std::upper_bound(runs.begin(), runs.end(), time);
    if (found != runs.begin()) return *std::prev(found);
  }
  return std::nullopt;
}

std::optional<CronExpression::Cadence> CronExpression::cadence(WallTime time,
                                                               const TimeZone& zone) const {
  const WallTime end = time + days{366};
  std::optional<WallTime> before;
  std::optional<Cadence> cadence;
  LocalMinutes midnight = std::chrono::floor<days>(zone.to_local(time));
  for (int i = 0; i < most_days_ahead; ++i, midnight += days{1}) {
    if (!is_day(midnight)) continue;
    for (const WallTime run : runs_on(midnight, zone)) {
      if (before) {
        const Duration gap = run - *before;
        if (!cadence) cadence = Cadence{gap, gap};
        cadence->shortest = std::min(cadence->shortest, gap);
        cadence->longest = std::max(cadence->longest, gap);
      }
      before = run;
      // Goes on until there is one gap, however seldom the job runs.
      if (run > end && cadence) return cadence;
    }
  }
  return cadence;
}

}  // namespace gonogo
