#include "daemon/config/calendar.h"

#include <array>
#include <charconv>

#include "daemon/core/text.h"
#include "daemon/formats/times.h"
#include "daemon/io/zone_files.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> day_names{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};

std::optional<int> two_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool fits = text.size() == 2 && error == std::errc{} && end == text.data() + text.size();
  return fits ? std::optional(number) : std::nullopt;
}

// "09:00" to "24:00".
std::optional<minutes> parse_time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2));
  const auto minute = two_digits(text.substr(3));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const minutes time = *hour * 60min + *minute * 1min;
  return time <= 24h ? std::optional(time) : std::nullopt;
}

// A moment with its zone (RFC 3339), or "2026-12-24" and "2026-12-24 18:00" on the calendar's
// clocks.
std::optional<WallTime> parse_moment(const std::string& text, const TimeZone& zone) {
  if (const auto time = parse_rfc3339(text)) return time;
  const std::string_view day = std::string_view(text).substr(0, 10);
  const auto midnight = parse_rfc3339(std::string(day) + "T00:00:00Z");
  if (!midnight) return std::nullopt;
  minutes local = std::chrono::floor<minutes>(midnight->time_since_epoch());
  if (text.size() > 10) {
    const auto time = parse_time_of_day(std::string_view(text).substr(11));
    if (!time || (text[10] != ' ' && text[10] != 'T')) return std::nullopt;
    local += *time;
  }
  return zone.to_wall(local);
}

Period read_period(Settings& section, const TimeZone& zone, const char* reason) {
  Period period;
  period.reason = section.text_or("reason", reason);
  const auto time = [&](const char* key) {
    const std::string text = section.required_text(key, "2026-12-24, or 2026-12-24T18:00:00Z");
    const auto parsed = parse_moment(text, zone);
    if (!parsed && !text.empty())
      section.complain_at(key, in_quotes(text) +
                                   " is no time (such as 2026-12-24, \"2026-12-24 18:00\" or "
                                   "2026-12-24T18:00:00Z)");
    return parsed;
  };
  const auto from = time("from");
  const auto until = time("until");
  if (from && until && *until <= *from)
    section.complain("ends before it begins (until must be after from)");
  period.from = from.value_or(WallTime{});
  period.until = until.value_or(WallTime{});
  section.finish();
  return period;
}

std::optional<std::size_t> day_named(std::string_view name) {
  for (std::size_t i = 0; i < day_names.size(); ++i) {
    if (equal_ignoring_case(day_names.at(i), name)) return i;
  }
  return std::nullopt;
}

// "mon", "mon-thu", "fri-mon".
bool take_days(std::string_view text, std::array<bool, 7>& days) {
  const std::size_t dash = text.find('-');
  const auto first = day_named(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : day_named(text.substr(dash + 1));
  if (!first || !last) return false;
  for (std::size_t day = *first;; day = (day + 1) % 7) {
    days.at(day) = true;
    if (day == *last) return true;
  }
}

DeployHours read_hours(Settings& section) {
  DeployHours hours;
  const auto days = section.texts("days");
  for (const std::string& day : days) {
    if (!take_days(day, hours.days))
      section.complain_at("days", in_quotes(day) + " is no day (such as mon, mon-thu)");
  }
  if (days.empty()) section.complain("`days` is missing (such as days: mon-thu)");
  const auto time = [&section](const char* key, const char* example) {
    const std::string text = section.required_text(key, example);
    const auto parsed = parse_time_of_day(text);
    if (!parsed && !text.empty())
      section.complain_at(key,
                          in_quotes(text) + " is no time of day (such as \"" + example + "\")");
    return parsed.value_or(0min);
  };
  hours.from = time("from", "09:00");
  hours.until = time("until", "16:00");
  // Past midnight.
  if (hours.until <= hours.from) hours.until += 24h;
  section.finish();
  return hours;
}

}  // namespace

Calendar read_calendar(Settings& root) {
  Calendar calendar;
  Settings settings = root.section("calendar");
  calendar.zone = read_time_zone(settings);
  for (auto& [number, section] : settings.sections("freezes"))
    calendar.freezes.push_back(read_period(section, calendar.zone, "deploy freeze"));
  for (auto& [number, section] : settings.sections("hours"))
    calendar.hours.push_back(read_hours(section));
  for (auto& [number, section] : settings.sections("exceptions"))
    calendar.openings.push_back(read_period(section, calendar.zone, "exception"));
  settings.finish();
  return calendar;
}

}  // namespace gonogo
