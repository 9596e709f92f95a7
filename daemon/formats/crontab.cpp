#include "daemon/formats/crontab.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr int end = CrontabText::end;

// Limits of the two programs.
constexpr std::size_t debian_variable = 998;
constexpr std::size_t debian_command = 998;
constexpr int debian_lines = 10'005;
constexpr std::size_t cronie_text = 131'071;
constexpr std::size_t cronie_comments = 32'768;
constexpr std::size_t cronie_entries = 10'000;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_blank(int ch) { return ch == ' ' || ch == '\t'; }

std::string without_spaces_behind(std::string text) {
  while (!text.empty() && is_space(text.back())) text.pop_back();
  return text;
}

// The states of a variable's line, in order.
enum class Part : std::uint8_t { name_begin, name, equals, gap, value_begin, value, done, error };
Part after(Part part) { return static_cast<Part>(static_cast<int>(part) + 1); }

struct Variable {
  std::string name;
  std::string value;
};

// Takes the line apart as both programs do, character by character. `part` is where it ended.
struct VariableLine {
  Variable found;
  Part part = Part::name_begin;
  char quote = '\0';

  void read(std::string_view line) {
    while (part != Part::error && !line.empty()) {
      if (take(line.front())) line.remove_prefix(1);
    }
  }

  // False when the character was not taken: the next state has to judge it.
  bool take(char c) {
    switch (part) {
      case Part::name_begin:
      case Part::value_begin:
        part = after(part);
        if (c == '\'' || c == '"') {
          quote = c;
          return true;
        }
        return false;
      case Part::name:
      case Part::value: return take_text(c);
      case Part::equals:
        if (c == '=') quote = '\0';
        if (c == '=') {
          part = Part::gap;
        } else if (!is_space(c)) {
          part = Part::error;
        }
        return true;
      case Part::gap:
      case Part::done:
        if (is_space(c)) return true;
        part = after(part);
        return false;
      case Part::error: break;
    }
    return true;
  }

  bool take_text(char c) {
    const bool is_name = part == Part::name;
    if (quote != '\0') {
      if (c == quote) {
        part = after(part);
        return true;
      }
      if (is_name && c == '=') {
        part = Part::error;
        return true;
      }
    } else if (is_name && (is_space(c) || c == '=')) {
      part = after(part);
      return c != '=';
    }
    (is_name ? found.name : found.value) += c;
    return true;
  }
};

std::optional<Variable> variable_of(std::string_view line, CronFlavour flavour) {
  VariableLine parsed;
  parsed.read(line);
  const bool is_plain_value = parsed.part == Part::value && parsed.quote == '\0';
  const bool is_empty_value = flavour == CronFlavour::cronie && parsed.part == Part::gap;
  if (parsed.part != Part::done && !is_plain_value && !is_empty_value) return std::nullopt;
  Variable variable = std::move(parsed.found);
  if (is_plain_value || flavour == CronFlavour::debian)
    variable.value = without_spaces_behind(std::move(variable.value));
  const std::string& value = variable.value;
  const bool has_quotes = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                          value.back() == value.front();
  if (flavour == CronFlavour::debian && has_quotes)
    variable.value = value.substr(1, value.size() - 2);
  return variable;
}

// Why a line that begins like a variable is none; empty when it does not begin like one.
std::string fault_of_variable(std::string_view line, CronFlavour flavour) {
  VariableLine parsed;
  parsed.read(line);
  const std::string name = in_quotes(parsed.found.name, 40);
  if (parsed.part == Part::gap && flavour == CronFlavour::debian)
    return "the variable " + name + " has no value (write \"\" behind its =)";
  if (parsed.part == Part::value || parsed.part == Part::value_begin)
    return "the quote in the value of " + name + " is not closed";
  return {};
}

// The command ends at the first % without a backslash; its input follows.
std::string command_of(std::string_view text, CronFlavour flavour) {
  std::string command;
  bool is_escaped = false;
  for (const char c : text) {
    if (is_escaped) {
      is_escaped = false;
      const bool drops_backslash = c == '%' || (c == '\\' && flavour == CronFlavour::debian);
      if (drops_backslash) command.pop_back();
      command += c;
      continue;
    }
    if (c == '%') break;
    is_escaped = c == '\\';
    command += c;
  }
  return command;
}

class Reader {
 public:
  Reader(std::string_view text, const CrontabReading& reading) : text_(text), reading_(reading) {}

  Crontab read() {
    while (reads_on()) {
      if (is_cronie() && !text_.skip_comments(cronie_comments) && !is_system()) {
        ignore_file(text_.place().line, "has more than 32,768 characters of comments in a row");
        break;
      }
      if (!read_line()) break;
    }
    return std::move(crontab_);
  }

 private:
  bool is_cronie() const { return reading_.flavour == CronFlavour::cronie; }
  bool is_system() const { return reading_.owner.empty(); }
  std::size_t longest_command() const { return is_cronie() ? cronie_text : debian_command; }

  bool reads_on() {
    if (is_cronie() || text_.place().line < debian_lines) return true;
    ignore_file(text_.place().line, "has more than 10,000 lines");
    return false;
  }

  void ignore_file(int line, std::string text) {
    crontab_.entries.clear();
    crontab_.problems = {{line, std::move(text)}};
    crontab_.ignores_file = true;
  }

  // False when nothing follows.
  bool read_line() {
    const CrontabText::Place begin = text_.place();
    if (!is_cronie()) text_.skip_comments();
    const CrontabText::Place line = text_.place();
    std::string variable;
    const std::size_t limit = is_cronie() ? cronie_text : debian_variable;
    if (text_.get_string(variable, limit, "\n") == end) {
      if (!variable.empty()) complain(line, "has no newline at its end, and is the last line");
      return false;
    }
    if (const auto found = variable_of(variable, reading_.flavour)) {
      variables_[found->name] = found->value;
      crontab_.variables.emplace(found->name, line.line);
      return true;
    }
    text_.go_back(begin);
    if (!is_cronie()) text_.skip_comments();
    return read_entry(variable);
  }

  void complain(CrontabText::Place place, const std::string& text) {
    if (is_cronie()) {
      crontab_.problems.push_back({place.line, text});
    } else {
      ignore_file(place.line, text);
    }
  }

  // False when Debian's cron reads no further.
  bool read_entry(const std::string& line) {
    const CrontabText::Place begin = text_.place();
    CrontabEntry entry;
    entry.line = begin.line;
    std::string problem;
    const int ch = read_parts(entry, problem);
    if (problem.empty()) {
      if (crontab_.entries.size() == cronie_entries && is_cronie() && !is_system())
        ignore_file(entry.line, "is the entry after 10,000, and more are not allowed");
      else
        crontab_.entries.push_back(std::move(entry));
      return !crontab_.ignores_file;
    }
    complain(begin, explanation(line, problem));
    if (!is_cronie()) return false;
    for (int next = ch; next != '\n';) {
      next = text_.get();
      if (next == end) break;
    }
    return true;
  }

  // The best words for what is wrong with the line.
  std::string explanation(const std::string& line, const std::string& problem) const {
    if (std::all_of(line.begin(), line.end(), is_space))
      return "holds nothing but blanks and a carriage return, which is no empty line for cron";
    const std::string fault = fault_of_variable(line, reading_.flavour);
    return fault.empty() ? problem : fault;
  }

  // Reads an entry; returns the last character read, and why there is none in `problem`.
  int read_parts(CrontabEntry& entry, std::string& problem) {
    int ch = text_.get();
    if (is_cronie() && ch == '-') {  // not logged
      if (!is_system() && reading_.owner != "root") problem = "begins with -, which only root may";
      ch = text_.get();
    }
    if (!problem.empty()) return ch;
    const std::size_t begin = text_.place().offset - (ch == end ? 0 : 1);
    ch = read_cron_fields(text_, ch, reading_.flavour, entry.fields, problem);
    if (!problem.empty()) return ch;
    text_.unget(ch);
    entry.schedule = schedule_since(begin);
    if (is_cronie() && (ch == '\n' || ch == '*' || ch == end)) {
      problem = ch == '*' ? "has a sixth field, " + in_quotes("*") : "has no command";
      return text_.get();
    }
    if (is_system()) {
      ch = read_user(entry, problem);
    } else {
      entry.user = reading_.owner;
      if (ch == '*')
        problem = "has a sixth field, " + shown_word(text_.word_at(text_.place().offset));
    }
    return problem.empty() ? read_command(entry, problem) : ch;
  }

  std::string schedule_since(std::size_t begin) const {
    std::string schedule;
    for (const char c : trimmed(text_.since(begin))) {
      if (!is_blank(c)) {
        schedule += c;
      } else if (schedule.back() != ' ') {
        schedule += ' ';
      }
    }
    return schedule;
  }

  int read_user(CrontabEntry& entry, std::string& problem) {
    const std::size_t begin = text_.place().offset;
    int ch = text_.get_string(entry.user, longest_command(), is_cronie() ? " \t\n" : " \t");
    if (ch == end || (is_cronie() && ch == '\n')) {
      problem = "has no command";
      return ch;
    }
    if (!reading_.is_user(entry.user)) {
      problem = shown_word(text_.word_at(begin)) +
                " is no user of this host (a user is expected before the command)";
      if (is_cronie()) text_.unget(ch);
      return ch;
    }
    if (!is_cronie()) return ch;
    while (is_blank(ch)) ch = text_.get();
    if (ch == end || ch == '\n') {
      problem = "has no command";
    } else {
      text_.unget(ch);
    }
    return ch;
  }

  // Cronie takes "-n" before a command as its own option.
  int skip_cronie_options(std::string& problem) {
    bool has_option = false;
    int ch = text_.get();
    while (ch == '-') {
      ch = text_.get();
      const bool is_known = ch == 'n' && !has_option;
      has_option = true;
      if (is_known) ch = text_.get();
      if (!is_known || !is_blank(ch)) {
        problem = "has an option before its command that cronie does not know";
        return ch;
      }
      while (is_blank(ch)) ch = text_.get();
      if (ch == end || ch == '\n') problem = "has no command";
      if (!problem.empty()) return ch;
    }
    text_.unget(ch);
    return ch;
  }

  int read_command(CrontabEntry& entry, std::string& problem) {
    if (is_cronie()) {
      const int ch = skip_cronie_options(problem);
      if (!problem.empty()) return ch;
    }
    std::string command;
    const int ch = text_.get_string(command, longest_command() + 1, "\n");
    if (!is_cronie() && command.size() > debian_command) {
      problem = "has a command of more than 998 characters";
    } else if (ch == end) {
      problem = "has no newline at its end, and is the last line";
    }
    entry.command = command_of(command, reading_.flavour);
    const auto shell = variables_.find("SHELL");
    entry.shell = shell == variables_.end() ? "/bin/sh" : shell->second;
    if (is_cronie()) entry.zone = variables_["CRON_TZ"];
    return ch;
  }

  CrontabText text_;
  const CrontabReading& reading_;
  std::map<std::string, std::string> variables_;
  Crontab crontab_;
};

}  // namespace

Crontab parse_crontab(std::string_view text, const CrontabReading& reading) {
  return Reader(text, reading).read();
}

}  // namespace gonogo
