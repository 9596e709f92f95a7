#include "daemon/formats/line_time.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "daemon/formats/json_document.h"
#include "daemon/formats/times.h"

namespace gonogo {
namespace {

// The clocks furthest behind UTC show 12 hours less.
constexpr std::int64_t furthest_west = 12 * 3600;

std::optional<LineTime> composed(const std::string& date, const std::string& time,
                                 std::string zone) {
  const bool has_zone = !zone.empty();
  if (zone.size() == 5) zone.insert(3, ":");
  if (!has_zone || zone == "UTC") zone = "Z";
  const auto moment = parse_rfc3339(date + "T" + time + zone);
  if (!moment) return std::nullopt;
  const auto seconds = static_cast<std::int64_t>(std::floor(to_epoch(*moment)));
  return LineTime{seconds + (has_zone ? 0 : furthest_west), has_zone};
}

re2::StringPiece beginning_of(std::string_view line) {
  constexpr std::size_t most = 300;
  return {line.data(), std::min(line.size(), most)};
}

// 2026-11-30T20:18:35.123Z, 2026-11-30 20:18:35,123, [2026/11/30 20:18:35 +0000].
std::optional<LineTime> iso_time(std::string_view line) {
  static const RE2 form(
      R"(^["'(<\[]?(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,]\d{1,9})?)"
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

// 192.0.2.1 - ada [30/Nov/2026:20:18:35 +0000] "GET / HTTP/1.1" 200
std::optional<LineTime> access_time(std::string_view line) {
  static const RE2 form(
      R"(^\S+ [^\[]{1,200}\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([-+]\d{4})\])");
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::string day;
  std::string name;
  std::string year;
  std::string time;
  std::string zone;
  if (!RE2::PartialMatch(beginning_of(line), form, &day, &name, &year, &time, &zone))
    return std::nullopt;
  const std::size_t at = months.find(name);
  if (at == std::string_view::npos || at % 3 != 0) return std::nullopt;
  const std::string month = std::to_string(at / 3 + 1);
  return composed(year + (month.size() == 1 ? "-0" : "-") + month + "-" + day, time, zone);
}

std::optional<LineTime> json_time(std::string_view line) {
  const auto document = parse_json(line);
  if (!document || !document->is_object()) return std::nullopt;
  for (const char* key : {"ts", "time", "timestamp", "@timestamp", "datetime"}) {
    const nlohmann::json& value = member(*document, key);
    if (value.is_string()) {
      if (const auto time = iso_time(text_of(value))) return time;
    } else if (value.is_number()) {
      // Seconds, or as Java and JavaScript count.
      const double number = number_of(value, 0);
      const double seconds = number >= 1e11 ? number / 1000 : number;
      if (seconds >= 1e9 && seconds < 4e9)
        return LineTime{static_cast<std::int64_t>(std::ceil(seconds)), true};
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<LineTime> time_of_line(std::string_view line) {
  if (line.starts_with('{')) return json_time(line);
  if (const auto time = iso_time(line)) return time;
  return access_time(line);
}

}  // namespace gonogo
