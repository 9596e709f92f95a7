#include "daemon/core/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace gonogo {
namespace {

// Takes a decimal number without sign or exponent off the front of `text`.
std::optional<double> take_decimal(std::string_view& text) {
  std::size_t length = 0;
  bool point = false;
  while (length < text.size() && length < 18) {
    const char c = text[length];
    if (c == '.' && !point && length > 0) {
      point = true;
    } else if (c < '0' || c > '9') {
      break;
    }
    ++length;
  }
  if (length == 0 || text[length - 1] == '.') return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + length, number);
  if (error != std::errc{} || end != text.data() + length) return std::nullopt;
  text.remove_prefix(length);
  return number;
}

std::string_view take_letters(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && (text[length] < '0' || text[length] > '9')) ++length;
  const std::string_view letters = text.substr(0, length);
  text.remove_prefix(length);
  return letters;
}

template <std::size_t N>
std::optional<double> lookup(const std::array<std::pair<std::string_view, double>, N>& table,
                             std::string_view name) {
  for (const auto& [key, factor] : table) {
    if (key == name) return factor;
  }
  return std::nullopt;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 7> units{{{"us", 1e3},
                                                                             {"ms", 1e6},
                                                                             {"s", 1e9},
                                                                             {"m", 60e9},
                                                                             {"h", 3600e9},
                                                                             {"d", 86400e9},
                                                                             {"w", 604800e9}}};
  if (text == "0") return Duration::zero();
  if (text.empty()) return std::nullopt;
  constexpr double longest = 100 * 365.25 * 86400e9;
  double total = 0;
  while (!text.empty()) {
    const auto number = take_decimal(text);
    if (!number) return std::nullopt;
    const auto unit = lookup(units, take_letters(text));
    if (!unit) return std::nullopt;
    total += *number * *unit;
    if (total > longest) return std::nullopt;
  }
  return Duration{std::llround(total)};
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 12> units{
      {{"", 1},
       {"B", 1},
       {"kB", 1e3},
       {"KB", 1e3},
       {"MB", 1e6},
       {"GB", 1e9},
       {"TB", 1e12},
       {"KiB", 1024},
       {"MiB", 1048576},
       {"GiB", 1073741824},
       {"TiB", 1099511627776},
       {"PiB", 1125899906842624}}};
  const auto number = take_decimal(text);
  if (!number) return std::nullopt;
  const auto unit = lookup(units, text);
  if (!unit) return std::nullopt;
  const double bytes = *number * *unit;
  if (bytes > 9e18) return std::nullopt;
  return std::llround(bytes);
}

std::string size_in_words(std::int64_t bytes) {
  static constexpr std::array<const char*, 6> names{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  auto amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (std::abs(amount) >= 1024 && unit + 1 < names.size()) {
    amount /= 1024;
    ++unit;
  }
  return number_in_words(std::round(amount * 10) / 10) + names.at(unit);
}

std::string number_in_words(double number) {
  std::array<char, 40> text{};
  const bool whole = std::abs(number) < 1e15 && std::floor(number) == number;
  std::snprintf(text.data(), text.size(), whole ? "%.0f" : "%.6g", number);
  return text.data();
}

}  // namespace gonogo
