#include "daemon/formats/cron_fields.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr int end = CrontabText::end;

// The longest number or name of a field; cron refuses what is longer.
constexpr std::size_t longest_name = 999;

using Values = std::bitset<64>;

struct Field {
  std::string_view name;
  int least;
  int most;
  std::span<const std::string_view> names;  // the names of `least` and of the numbers after it
};

constexpr std::array<std::string_view, 12> month_names{"jan", "feb", "mar", "apr", "may", "jun",
                                                       "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 8> day_names{"sun", "mon", "tue", "wed",
                                                    "thu", "fri", "sat", "sun"};
constexpr std::array<Field, 5> all_fields{{{"minute", 0, 59, {}},
                                           {"hour", 0, 23, {}},
                                           {"day of the month", 1, 31, {}},
                                           {"month", 1, 12, month_names},
                                           {"day of the week", 0, 7, day_names}}};

bool is_alnum(int ch) {
  return (ch >= '0' && ch <= '9') || (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}
bool is_blank(int ch) { return ch == ' ' || ch == '\t'; }

// As atoi does on a machine of 64 bits: what is too large keeps its lowest 32 bits.
std::optional<int> number_of(std::string_view digits) {
  std::int64_t number = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9') return std::nullopt;
    if (__builtin_mul_overflow(number, 10, &number) ||
        __builtin_add_overflow(number, digit - '0', &number))
      return -1;
  }
  return static_cast<int>(static_cast<std::uint32_t>(number));
}

// The sum wraps around as that of both programs does: a step of 2147483647 makes a number that is
// out of its bounds.
bool set_values(Values& values, const Field& field, int from, int until, int step) {
  for (int value = from; value <= until; (void)__builtin_add_overflow(value, step, &value)) {
    if (value < field.least || value > field.most) return false;
    values.set(static_cast<std::size_t>(value));
  }
  return true;
}

// Takes a number or a name that begins with `ch`; afterwards `ch` is the character behind it.
std::optional<int> read_number(CrontabText& text, int& ch, int least,
                               std::span<const std::string_view> names) {
  std::string word;
  for (; is_alnum(ch); ch = text.get()) {
    if (word.size() == longest_name) return std::nullopt;
    word += static_cast<char>(ch);
  }
  if (word.empty()) return std::nullopt;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (equal_ignoring_case(names[i], word)) return least + static_cast<int>(i);
  }
  return number_of(word);
}

// Debian's cron keeps characters in signed bytes, so that 0xFF is taken for the end of the file.
int narrow(int ch) { return ch == 0xFF ? end : ch; }

// "*", "5", "1-5", each range with a step. Whatever follows up to a comma or blank is not read.
int read_debian_range(CrontabText& text, int ch, const Field& field, Values& values) {
  int from = field.least;
  int until = field.most;
  if (ch == '*') {
    ch = text.get();
    if (ch == end) return end;
  } else {
    const auto first = read_number(text, ch, field.least, field.names);
    if (!first || narrow(ch) == end) return end;
    if (ch != '-') {
      if (ch == '/' || !set_values(values, field, *first, *first, 1)) return end;
      return narrow(ch);
    }
    ch = text.get();
    const auto last = read_number(text, ch, field.least, field.names);
    if (!last || narrow(ch) == end) return end;
    from = *first;
    until = *last;
  }
  int step = 1;
  if (ch == '/') {
    ch = text.get();
    const auto number = read_number(text, ch, 0, {});
    if (!number || *number <= 0 || narrow(ch) == end) return end;
    step = *number;
  }
  const auto is_in = [&](int value) { return value >= field.least && value <= field.most; };
  if (!is_in(from) || !is_in(until)) return end;
  return set_values(values, field, from, until, step) ? narrow(ch) : end;
}

bool is_separator(int ch) { return is_blank(ch) || ch == '\n' || ch == ','; }

// As above, and also "0~30", one number of a range that cronie takes at random when it reads the
// file. The last one stands for it here, so that the next run is never shown too early.
int read_cronie_range(CrontabText& text, int ch, const Field& field, Values& values) {
  int from = field.least;
  int until = field.most;
  int step = 1;
  // The rest of the line is skipped by the caller, so the newline has to be there still.
  const auto refuse = [&] {
    text.unget(ch);
    return end;
  };
  bool takes_step = ch == '*';
  if (ch == '*') {
    ch = text.get();
  } else {
    if (ch != '~') {
      const auto first = read_number(text, ch, field.least, field.names);
      if (!first) return refuse();
      from = until = *first;
    }
    const int sign = ch;
    if (sign == '-' || sign == '~') {
      ch = text.get();
      const bool is_open = sign == '~' && is_separator(ch);
      const auto last = is_open ? field.most : read_number(text, ch, field.least, field.names);
      if (!last) return refuse();
      until = *last;
      if (sign == '~' && from > until) return refuse();
      if (sign == '~') from = until;
    }
    takes_step = sign == '-';
    if (takes_step && ch != '/' && from > until && until == 0) until = 7;  // "fri-sun"
  }
  if (takes_step && ch == '/') {
    ch = text.get();
    const auto number = read_number(text, ch, 0, {});
    if (!number || *number == 0) return refuse();
    step = *number;
  }
  const bool is_good = is_separator(ch) && set_values(values, field, from, until, step);
  return is_good ? ch : refuse();
}

// A list of ranges and the blanks behind it.
int read_list(CrontabText& text, int ch, const Field& field, CronFlavour flavour, Values& values) {
  const bool is_debian = flavour == CronFlavour::debian;
  while (true) {
    ch = is_debian ? read_debian_range(text, ch, field, values)
                   : read_cronie_range(text, ch, field, values);
    if (ch != ',') break;
    ch = text.get();
  }
  while (ch != end && ch != '\n' && !is_blank(ch)) ch = text.get();
  while (is_blank(ch)) ch = text.get();
  return is_debian ? narrow(ch) : ch;
}

struct Macro {
  std::string_view name;
  std::string_view means;
};
constexpr std::array<Macro, 7> macros{{{"yearly", "0 0 1 1 *"},
                                       {"annually", "0 0 1 1 *"},
                                       {"monthly", "0 0 1 * *"},
                                       {"weekly", "0 0 * * 0"},
                                       {"daily", "0 0 * * *"},
                                       {"midnight", "0 0 * * *"},
                                       {"hourly", "0 * * * *"}}};

template <std::size_t size>
std::bitset<size> narrowed(const Values& values) {
  return std::bitset<size>(values.to_ullong());
}

int read_five(CrontabText& text, int ch, CronFlavour flavour, CronFields& fields,
              std::string& problem) {
  std::array<Values, 5> values;
  std::array<bool, 5> has_star{};
  for (std::size_t i = 0; i < all_fields.size(); ++i) {
    const Field& field = all_fields.at(i);
    const std::size_t begin = text.place().offset - (ch == end ? 0 : 1);
    has_star.at(i) = ch == '*';
    ch = read_list(text, ch, field, flavour, values.at(i));
    if (ch != end) continue;
    const std::string_view word = text.word_at(begin);
    problem = word.empty() ? "has no " + std::string(field.name)
                           : shown_word(word) + " is no " + std::string(field.name) + " (" +
                                 std::to_string(field.least) + " to " + std::to_string(field.most) +
                                 ", *, lists, ranges, steps)";
    return end;
  }
  fields.minutes = narrowed<60>(values[0]);
  fields.hours = narrowed<24>(values[1]);
  fields.days = narrowed<32>(values[2]);
  fields.months = narrowed<13>(values[3]);
  fields.weekdays = narrowed<8>(values[4]);
  fields.is_wild = has_star[0] || has_star[1];
  fields.any_day = has_star[2];
  fields.any_weekday = has_star[4];
  return ch;
}

int read_macro(CrontabText& text, CronFlavour flavour, CronFields& fields, std::string& problem) {
  std::string name;
  int ch = text.get_string(name, longest_name, " \t\n");
  const auto found = std::find_if(macros.begin(), macros.end(),
                                  [&](const Macro& macro) { return macro.name == name; });
  if (name == "reboot") {
    fields.at_reboot = true;
  } else if (found != macros.end()) {
    const std::string line = std::string(found->means) + " command";
    CrontabText means(line);
    std::string none;
    read_five(means, means.get(), flavour, fields, none);
  } else {
    problem = shown_word("@" + name) + " is no macro (@daily and so on, in lower case)";
    return end;
  }
  while (is_blank(ch)) ch = text.get();
  return ch;
}

}  // namespace

int CrontabText::get() {
  if (place_.offset == text_.size()) return end;
  const unsigned char ch = static_cast<unsigned char>(text_[place_.offset++]);
  if (ch == '\n') ++place_.line;
  return ch;
}

void CrontabText::unget(int ch) {
  if (ch == end) return;
  --place_.offset;
  if (ch == '\n') --place_.line;
}

int CrontabText::get_string(std::string& into, std::size_t limit, std::string_view ends) {
  into.clear();
  int ch = get();
  for (; ch > 0 && ends.find(static_cast<char>(ch)) == std::string_view::npos; ch = get()) {
    if (into.size() < limit) into += static_cast<char>(ch);
  }
  return ch;
}

bool CrontabText::skip_comments(std::size_t most) {
  const std::size_t begin = place_.offset;
  const auto is_too_much = [&] { return place_.offset - begin > most; };
  int ch = get();
  for (; ch != end; ch = get()) {
    while (is_blank(ch) && !is_too_much()) ch = get();
    const bool is_skipped = ch == '\n' || ch == '#';
    while (is_skipped && ch != '\n' && ch != end && !is_too_much()) ch = get();
    if (is_too_much()) return false;
    if (!is_skipped) break;
  }
  unget(ch);
  return true;
}

std::string_view CrontabText::word_at(std::size_t offset) const {
  const std::string_view rest = text_.substr(std::min(offset, text_.size()));
  return rest.substr(0, rest.find_first_of(" \t\n"));
}

std::string_view CrontabText::line_at(std::size_t offset) const {
  const std::string_view rest = text_.substr(std::min(offset, text_.size()));
  return rest.substr(0, rest.find('\n'));
}

std::string shown_word(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) return in_quotes(word, 24);
  return in_quotes(std::string(word.substr(0, equals + 1)) + "...", 40);
}

int read_cron_fields(CrontabText& text, int first, CronFlavour flavour, CronFields& fields,
                     std::string& problem) {
  return first == '@' ? read_macro(text, flavour, fields, problem)
                      : read_five(text, first, flavour, fields, problem);
}

}  // namespace gonogo
