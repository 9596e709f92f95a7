#include "daemon/core/time.h"

#include <array>
#include <cstdio>

namespace gonogo {

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
