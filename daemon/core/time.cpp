#include "daemon/core/time.h"

#include <array>
#include <cstdio>

namespace gonogo {
namespace {

// Reads exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<WallTime> compose(int year, int month, int day, int hour, int minute, int second) {
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  // Further away, differences in nanoseconds would come round to small ones.
  if (year < 1970 || year > 2255) return std::nullopt;
  // Second 60 is a leap second: POSIX time has none, so it is the next minute's first.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return WallTime{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
         std::chrono::minutes{minute} + std::chrono::seconds{second};
}

std::optional<std::chrono::microseconds> take_fraction(std::string_view& text) {
  std::chrono::microseconds fraction{0};
  std::int64_t unit = 100'000;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    fraction += std::chrono::microseconds{(text.front() - '0') * unit};
    unit /= 10;
    text.remove_prefix(1);
    ++digits;
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  return fraction;
}

std::optional<std::chrono::minutes> take_zone(std::string_view& text) {
  if (take(text, "Zz")) return std::chrono::minutes{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hours = take_number(text, 2);
  if (!hours || !take(text, ":")) return std::nullopt;
  const auto minutes = take_number(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::chrono::minutes offset{*hours * 60 + *minutes};
  return west ? -offset : offset;
}

}  // namespace

std::string to_rfc3339(WallTime time, bool milliseconds) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::array<char, 48> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string result(text.data(), static_cast<std::size_t>(length));
  if (milliseconds) {
    std::array<char, 8> fraction{};
    const int size = std::snprintf(fraction.data(), fraction.size(), ".%03d",
                                   static_cast<int>(clock.subseconds().count() / 1000));
    result.append(fraction.data(), static_cast<std::size_t>(size));
  }
  return result + "Z";
}

double to_epoch(WallTime time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day || !take(text, "Tt ")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second) return std::nullopt;
  std::chrono::microseconds fraction{0};
  if (take(text, ".")) {
    const auto taken = take_fraction(text);
    if (!taken) return std::nullopt;
    fraction = *taken;
  }
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) return std::nullopt;
  const auto time = compose(*year, *month, *day, *hour, *minute, *second);
  if (!time) return std::nullopt;
  return *time + fraction - *zone;
}

std::optional<WallTime> parse_compact_time(std::string_view text) {
  const auto year = take_number(text, 4);
  const auto month = take_number(text, 2);
  const auto day = take_number(text, 2);
  if (!year || !month || !day || !take(text, "T")) return std::nullopt;
  const auto hour = take_number(text, 2);
  const auto minute = take_number(text, 2);
  const auto second = take_number(text, 2);
  if (!hour || !minute || !second || !take(text, "Z") || !text.empty()) return std::nullopt;
  return compose(*year, *month, *day, *hour, *minute, *second);
}

std::string to_words(Duration span) {
  if (span < Duration::zero()) return "-" + to_words(-span);
  struct Unit {
    const char* name;
    Duration size;
  };
  using namespace std::chrono_literals;
  static constexpr std::array<Unit, 7> units{
      {{"d", 24h}, {"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}}};
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (span < units.at(i).size) continue;
    std::string words = std::to_string(span / units.at(i).size) + units.at(i).name;
    const Duration rest = span % units.at(i).size;
    // Only down to seconds is a second unit of use.
    if (i < 3 && rest >= units.at(i + 1).size) {
      words += std::to_string(rest / units.at(i + 1).size) + units.at(i + 1).name;
    }
    return words;
  }
  return "0s";
}

}  // namespace gonogo
