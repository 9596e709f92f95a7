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

// 20260101, with hours, minutes and seconds perhaps; 202601; or seconds since 1970.
bool is_compact_date(std::string_view digits) {
  if (digits.size() == 10 && is_within(digits, 1'000'000'000, 4'102'444'800)) return true;
  const bool is_long = digits.size() >= 8 && digits.size() <= 17;
  if (digits.size() != 6 && !is_long) return false;
  return is_year(digits.substr(0, 4)) && is_month(digits.substr(4, 2)) &&
         (digits.size() == 6 || is_day(digits.substr(6, 2)));
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
    if (error != std::errc{} || (moment.empty() && digits.size() < 4)) return {};
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
  found.plain_size = name.size();
  if (name == log) {
    found.is_rotation = true;  // app.log.gz
    return found;
  }
  if (name.starts_with(log)) {
    const std::string_view suffix = name.substr(log.size());
    found.is_rotation = is_mark(suffix, 10, found);
    if (found.is_rotation) return found;
  }
  const std::size_t dot = log.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return found;
  const std::string_view stem = log.substr(0, dot);
  const std::string_view extension = log.substr(dot);
  if (name.size() <= log.size() || !name.starts_with(stem) || !name.ends_with(extension))
    return found;
  const std::string_view between =
      name.substr(stem.size(), name.size() - stem.size() - extension.size());
  // A longer number after a dot may be a port or a process.
  found.is_rotation = is_mark(between, 3, found);
  return found;
}

}  // namespace gonogo
