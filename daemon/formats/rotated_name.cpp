#include "daemon/formats/rotated_name.h"

#include <array>
#include <charconv>
#include <string>
#include <vector>

namespace gonogo {

namespace {

constexpr std::array<std::string_view, 9> compressions{".gz",   ".xz",  ".bz2", ".zst", ".lz4",
                                                       ".lzma", ".lzo", ".Z",   ".zip"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes "-", ".", "_" and the letters of dates: 2026-01-01T10:00:00Z, 2026-W49.
bool is_separator(char c) {
  constexpr std::string_view separators = "-._:+@ TWZ";
  return separators.find(c) != std::string_view::npos;
}

// The runs of digits in a text of digits and separators; none when it holds anything else.
std::vector<std::string_view> numbers_of(std::string_view text) {
  std::vector<std::string_view> numbers;
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_separator(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    if (end == at) return {};
    numbers.push_back(text.substr(at, end - at));
    at = end;
  }
  return numbers;
}

bool is_within(std::string_view digits, long least, long most) {
  long number = -1;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number >= least && number <= most;
}

bool is_year(std::string_view digits) {
  return digits.size() == 4 && is_within(digits, 1970, 2199);
}
bool is_month(std::string_view digits) { return digits.size() == 2 && is_within(digits, 1, 12); }
bool is_day(std::string_view digits) { return digits.size() == 2 && is_within(digits, 1, 31); }
bool is_week(std::string_view digits) { return digits.size() == 2 && is_within(digits, 0, 53); }

// 20260101, with hours, minutes and seconds perhaps; a month or a week: 202601.
bool begins_with_year(std::string_view digits) {
  if (digits.size() < 6 || !is_year(digits.substr(0, 4))) return false;
  const std::string_view next = digits.substr(4, 2);
  if (digits.size() == 6) return is_week(next);  // or a month
  return digits.size() >= 8 && digits.size() <= 17 && is_month(next) && is_day(digits.substr(6, 2));
}

// 30112026, 11302026.
bool ends_with_year(std::string_view digits) {
  if (digits.size() != 8 || !is_year(digits.substr(4))) return false;
  const std::string_view first = digits.substr(0, 2);
  const std::string_view second = digits.substr(2, 2);
  return is_day(first) && is_day(second) && (is_month(first) || is_month(second));
}

// One of those, or seconds since 1970.
bool is_compact_date(std::string_view digits) {
  if (digits.size() == 10 && is_within(digits, 1'000'000'000, 4'102'444'800)) return true;
  return begins_with_year(digits) || ends_with_year(digits);
}

// Begins with a date; what follows it may be a time of the day or a number.
bool is_date(const std::vector<std::string_view>& numbers) {
  if (numbers.empty()) return false;
  if (is_compact_date(numbers[0])) return true;
  if (numbers.size() < 2) return false;
  if (is_year(numbers[0])) return is_week(numbers[1]) || is_month(numbers[1]);
  const bool is_written_backwards = numbers.size() >= 3 && is_year(numbers[2]);
  return is_written_backwards && is_day(numbers[0]) && is_day(numbers[1]);
}

// ".1", ".12.3".
bool is_dotted(std::string_view text, std::size_t most_digits) {
  if (text.empty() || text.front() != '.' || !is_digit(text.back())) return false;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && i > 0 && text[i - 1] == '.') return false;
    if (text[i] != '.' && !is_digit(text[i])) return false;
    digits = text[i] == '.' ? 0 : digits + 1;
    if (digits > most_digits) return false;
  }
  return true;
}

std::string_view without_why(std::string_view text) {
  for (const std::string_view why : {"-size", "-time", "-manual"}) {
    if (text.ends_with(why)) return text.substr(0, text.size() - why.size());
  }
  return text;
}

bool is_dated(std::string_view text) {
  text = without_why(text);
  return !text.empty() && (is_digit(text.back()) || text.back() == 'Z') &&
         is_date(numbers_of(text));
}

// Of a dated text. A date that is written backwards is in no order.
std::vector<std::uint64_t> moment_of(std::string_view text) {
  std::vector<std::uint64_t> moment;
  for (const std::string_view digits : numbers_of(without_why(text))) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{}) return {};
    const bool is_backwards =
        digits.size() < 4 || (ends_with_year(digits) && !begins_with_year(digits));
    if (moment.empty() && is_backwards) return {};
    moment.push_back(number);
  }
  return moment;
}

// Whether `text` is what a rotation adds to the name.
bool is_mark(std::string_view text, std::size_t most_digits, RotatedName& found) {
  if (!is_dated(text)) return is_dotted(text, most_digits);
  found.moment = moment_of(text);
  return true;
}

// Whether `name` is that of the log with a mark at its end or before its extension.
bool is_marked(std::string_view log, std::string_view name, std::size_t most_digits,
               RotatedName& found) {
  if (name.starts_with(log) && is_mark(name.substr(log.size()), most_digits, found)) return true;
  const std::size_t dot = log.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const std::string_view stem = log.substr(0, dot);
  const std::string_view extension = log.substr(dot);
  if (name.size() <= log.size() || !name.starts_with(stem) || !name.ends_with(extension))
    return false;
  // A longer number after a dot may be a port or a process.
  return is_mark(name.substr(stem.size(), name.size() - log.size()), 3, found);
}

}  // namespace

RotatedName rotated_name(std::string_view log, std::string_view name) {
  if (log.empty() || name == log) return {};
  RotatedName found;
  for (const std::string_view ending : compressions) {
    if (!name.ends_with(ending) || log.ends_with(ending)) continue;
    found.packing = ending == ".gz" ? Packing::gzip : Packing::other;
    name.remove_suffix(ending.size());
    break;
  }
  found.plain_size = found.marked_size = name.size();
  if (name == log) {
    found.is_rotation = true;  // app.log.gz
    return found;
  }
  found.is_rotation = is_marked(log, name, 10, found);
  // As logrotate's `addextension` leaves it.
  for (const std::string_view ending : {".old", ".bak", ".log", ".txt"}) {
    if (found.is_rotation || !name.ends_with(ending)) continue;
    found.marked_size = name.size() - ending.size();
    found.is_rotation = is_marked(log, name.substr(0, found.marked_size), 3, found);
  }
  return found;
}

}  // namespace gonogo
