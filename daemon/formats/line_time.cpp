#include "daemon/formats/line_time.h"

#include <re2/re2.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>

#include "daemon/formats/json_document.h"
#include "daemon/formats/times.h"

namespace gonogo {
namespace {

// The clocks furthest behind UTC show 12 hours less.
constexpr std::int64_t furthest_west = 43'200;

std::optional<LineTime> composed(const std::string& date, const std::string& time,
                                 std::string zone) {
  const bool has_zone = !zone.empty();
  if (zone.size() == 5) zone.insert(3, ":");
  if (!has_zone || zone == "UTC") zone = "Z";
  const auto moment = parse_rfc3339(date + "T" + time + zone);
  if (!moment) return std::nullopt;
  const auto seconds = static_cast<std::int64_t>(std::floor(to_epoch(*moment)));
  return LineTime{seconds + (has_zone ? 0 : furthest_west), has_zone, seconds};
}

// "Jan" is "01"; nothing when it is no month.
std::optional<std::string> number_of_month(const std::string& name) {
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const std::size_t at = months.find(name);
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const std::string number = std::to_string(at / 3 + 1);
  return number.size() == 1 ? "0" + number : number;
}

std::string of_two_digits(std::string day) {
  if (day.size() == 1) day.insert(0, 1, '0');
  return day;
}

// Of the last years the latest in which that date is not after `now`, wherever on Earth.
std::optional<LineTime> without_year(const std::string& month, const std::string& day,
                                     const std::string& time, std::int64_t now) {
  if (now <= 0) return std::nullopt;
  using std::chrono::floor;
  const std::chrono::sys_seconds tomorrow{std::chrono::seconds{now} + std::chrono::hours{24}};
  const auto last = std::chrono::year_month_day(floor<std::chrono::days>(tomorrow)).year();
  for (int back = 0; back <= 8; ++back) {
    std::string date = std::to_string(static_cast<int>(last) - back);
    date.append("-").append(month).append("-").append(day);
    const auto found = composed(date, time, "");
    if (found && found->utc <= tomorrow.time_since_epoch().count()) return found;
  }
  return std::nullopt;
}

// Seconds, or as Java and JavaScript count, or thousandths or millionths of that.
std::optional<LineTime> since_1970(double number) {
  double seconds = number;
  for (const double unit : {1e3, 1e6, 1e9}) {
    if (number >= unit * 1e9) seconds = number / unit;
  }
  if (seconds < 1e9 || seconds >= 4e9) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  return LineTime{whole, true, whole};
}

re2::StringPiece beginning_of(std::string_view line) {
  constexpr std::size_t most = 300;
  return {line.data(), std::min(line.size(), most)};
}

// What may be before a time: a level, and the name of its field.
constexpr const char* before =
    R"(^(?:\[?(?i:trace|debug|info|notice|warn|warning|err|error|severe|crit|critical|fatal|alert)"
    R"(|emerg|panic)\]?:? {1,8}|level=\w{1,12} )?(?:(?:time|ts|timestamp|t|date|datetime)=)?)";

// 2026-11-30T20:18:35.123Z, 2026-11-30 20:18:35,123, [2026/11/30 20:18:35 +0000].
std::optional<LineTime> iso_time(std::string_view line) {
  static const RE2 form(
      std::string(before) +
      R"(["'(<\[]?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?)"
      R"( ?(Z\b|UTC\b|[-+](?:0\d|1[0-4]):?(?:00|15|30|45)\b)?)");
  std::string year;
  std::string month;
  std::string day;
  std::string time;
  std::string zone;
  if (!RE2::PartialMatch(beginning_of(line), form, &year, &month, &day, &time, &zone))
    return std::nullopt;
  return composed(year + "-" + month + "-" + day, time, zone);
}

// ts=1796069914.327
std::optional<LineTime> counted_time(std::string_view line) {
  static const RE2 form(R"(^(?:level=\w{1,12} )?(?:time|ts|timestamp|t)="?)"
                        R"((\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})(?:[" ]|$))");
  double number = 0;
  if (!RE2::PartialMatch(beginning_of(line), form, &number)) return std::nullopt;
  return since_1970(number);
}

// [Mon Nov 30 20:18:35.123456 2026]
std::optional<LineTime> ctime_time(std::string_view line) {
  static const RE2 form(R"(^\[?(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) {1,2}(\d{1,2}) )"
                        R"((\d\d:\d\d:\d\d)(?:\.\d{1,9})? (\d{4})\b)");
  std::string name;
  std::string day;
  std::string time;
  std::string year;
  if (!RE2::PartialMatch(beginning_of(line), form, &name, &day, &time, &year)) return std::nullopt;
  const auto month = number_of_month(name);
  if (!month) return std::nullopt;
  return composed(year + "-" + *month + "-" + of_two_digits(day), time, "");
}

// Nov 30 20:18:35 host app[1]: and E1130 20:18:35.123456 1 main.go:1]
std::optional<LineTime> yearless_time(std::string_view line, std::int64_t now) {
  static const RE2 syslog(
      R"(^(?:<\d{1,3}>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)(?:\.\d{1,9})? \S)");
  static const RE2 klog(R"(^[IWEF](\d\d)(\d\d) (\d\d:\d\d:\d\d)\.\d{6} )");
  std::string month;
  std::string day;
  std::string time;
  const re2::StringPiece text = beginning_of(line);
  if (RE2::PartialMatch(text, klog, &month, &day, &time))
    return without_year(month, day, time, now);
  if (!RE2::PartialMatch(text, syslog, &month, &day, &time)) return std::nullopt;
  const auto number = number_of_month(month);
  return number ? without_year(*number, of_two_digits(day), time, now) : std::nullopt;
}

// 192.0.2.1 - ada [30/Nov/2026:20:18:35 +0000] "GET / HTTP/1.1" 200
std::optional<LineTime> access_time(std::string_view line) {
  static const RE2 form(
      R"(^\S+ [^\[]{1,200}\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([-+]\d{4})\])");
  std::string day;
  std::string name;
  std::string year;
  std::string time;
  std::string zone;
  if (!RE2::PartialMatch(beginning_of(line), form, &day, &name, &year, &time, &zone))
    return std::nullopt;
  const auto month = number_of_month(name);
  return month ? composed(year + "-" + *month + "-" + day, time, zone) : std::nullopt;
}

std::optional<LineTime> time_in_text(const std::string& text) {
  static const RE2 number(R"(\d{10}(?:\.\d{1,9})?|\d{13}|\d{16}|\d{19})");
  if (RE2::FullMatch(text, number)) return since_1970(std::strtod(text.c_str(), nullptr));
  return iso_time(text);
}

std::optional<LineTime> json_time(std::string_view line) {
  const auto document = parse_json(line);
  if (!document || !document->is_object()) return std::nullopt;
  for (const char* key : {"ts", "time", "timestamp", "@timestamp", "datetime", "t", "date",
                          "asctime", "Timestamp", "eventTime"}) {
    const nlohmann::json& value = member(*document, key);
    std::optional<LineTime> time;
    if (value.is_string()) {
      time = time_in_text(text_of(value));
    } else if (value.is_number()) {
      time = since_1970(number_of(value, 0));
    } else if (value.is_object()) {
      time = time_in_text(text_of(member(value, "$date")));  // as MongoDB writes it
    }
    if (time) return time;
  }
  return std::nullopt;
}

}  // namespace

std::optional<LineTime> time_of_line(std::string_view line, std::int64_t now) {
  if (line.starts_with('{')) return json_time(line);
  for (const auto& form : {iso_time, access_time, ctime_time, counted_time}) {
    if (const auto time = form(line)) return time;
  }
  return yearless_time(line, now);
}

}  // namespace gonogo
