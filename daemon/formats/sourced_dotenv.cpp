#include "daemon/formats/sourced_dotenv.h"

#include <algorithm>
#include <array>
#include <utility>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Keys = std::map<std::string, std::string>;

constexpr std::size_t most_problems = 100;
constexpr std::size_t most_text = 16 << 20;
constexpr int deepest_word = 100;

// bash refuses to set these, which ends the file there, or gives them a meaning of its own.
constexpr std::array<std::string_view, 34> own_names{"BASHOPTS",
                                                     "BASHPID",
                                                     "BASH_ALIASES",
                                                     "BASH_ARGC",
                                                     "BASH_ARGV",
                                                     "BASH_ARGV0",
                                                     "BASH_CMDS",
                                                     "BASH_COMMAND",
                                                     "BASH_COMPAT",
                                                     "BASH_LINENO",
                                                     "BASH_SOURCE",
                                                     "BASH_SUBSHELL",
                                                     "BASH_VERSINFO",
                                                     "BASH_XTRACEFD",
                                                     "COMP_WORDBREAKS",
                                                     "DIRSTACK",
                                                     "EPOCHREALTIME",
                                                     "EPOCHSECONDS",
                                                     "EUID",
                                                     "FUNCNAME",
                                                     "GROUPS",
                                                     "HISTCMD",
                                                     "IFS",
                                                     "LINENO",
                                                     "OPTIND",
                                                     "PIPESTATUS",
                                                     "PPID",
                                                     "RANDOM",
                                                     "SECONDS",
                                                     "SHELLOPTS",
                                                     "SHLVL",
                                                     "SRANDOM",
                                                     "UID",
                                                     "_"};

// Set in every shell, whatever the file sets.
constexpr std::array<std::string_view, 18> always_set{
    "BASH",     "BASH_VERSION", "HOME",   "HOSTNAME", "HOSTTYPE", "LOGNAME",
    "MACHTYPE", "OLDPWD",       "OPTERR", "OSTYPE",   "PATH",     "PS1",
    "PS2",      "PS4",          "PWD",    "SHELL",    "TERM",     "USER"};

template <std::size_t count>
bool holds(const std::array<std::string_view, count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::size_t length_of_name(std::string_view text) {
  if (text.empty() || !begins_name(text.front())) return 0;
  const auto* end = std::find_if_not(
      text.begin(), text.end(), [](char c) { return begins_name(c) || (c >= '0' && c <= '9'); });
  return static_cast<std::size_t>(end - text.begin());
}

bool is_one_of(char c, std::string_view characters) {
  return characters.find(c) != std::string_view::npos;
}

// What a part of a word is in. Behind `export` bash expands braces.
enum class Around { nothing, double_quotes, export_word };

class ShellReader {
 public:
  ShellReader(std::string_view text, const Dotenv& read, const Keys& environment)
      : text_(text), read_(read), environment_(environment) {}

  std::vector<DotenvProblem> problems() {
    // bash takes it for a binary file, or leaves lines behind it out.
    if (const std::size_t nul = text_.find('\0'); nul != std::string_view::npos) {
      fail(nul, "a NUL, at which bash and dash go different ways");
      note_problem(nul);
      return std::move(problems_);
    }
    while (at_ < text_.size() && problems_.size() < most_problems && !is_lost_) {
      const std::size_t begin = at_;
      read_line();
      if (!problem_.empty()) note_problem(begin);
    }
    if (!is_lost_ && problems_.empty()) compare();
    return std::move(problems_);
  }

 private:
  char current() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }
  bool is_broken() const { return !problem_.empty(); }

  void fail(std::size_t place, std::string text) {
    if (is_broken()) return;
    problem_ = std::move(text);
    place_ = place;
  }

  // The shell goes on with the next line, so the reading does as well.
  void note_problem(std::size_t begin) {
    const std::size_t line_begin = text_.substr(0, place_).rfind('\n') + 1;
    const auto line = static_cast<std::size_t>(
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(place_), '\n'));
    const auto column = static_cast<std::size_t>(
        std::count_if(text_.begin() + static_cast<std::ptrdiff_t>(line_begin),
                      text_.begin() + static_cast<std::ptrdiff_t>(place_),
                      [](char c) { return (c & 0xC0) != 0x80; }));
    problems_.push_back({line + 1, column + 1, std::exchange(problem_, {})});
    at_ = std::min(text_.find('\n', std::max(place_, begin)), text_.size());
    at_ = std::min(at_ + 1, text_.size());
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (text_[at_] == ' ' || text_[at_] == '\t') {
        ++at_;
      } else if (rest().starts_with("\\\n")) {
        at_ += 2;
      } else {
        break;
      }
    }
  }

  // One simple command: assignments, or `export` with names and assignments.
  void read_line() {
    bool is_export = false;
    std::size_t words = 0;
    while (!is_broken()) {
      skip_blanks();
      if (current() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
      if (current() == '\n') break;
      const std::size_t length = length_of_name(rest());
      const std::string name(rest().substr(0, length));
      const std::size_t begin = at_;
      at_ += length;
      const bool is_assignment = length > 0 && at_ < text_.size() && text_[at_] == '=';
      const bool is_word = length > 0 && is_one_of(current(), " \t\n");
      if (is_assignment) {
        ++at_;
        assign(name, begin, is_export ? Around::export_word : Around::nothing);
      } else if (words == 0 && name == "export" && is_word) {
        is_export = true;
      } else if (!is_export || !is_word) {
        fail_at_word(begin, is_export);
      }
      ++words;
    }
    if (is_export && words == 1)
      fail(at_, "`export` without a name, so the shell prints all that it has");
    if (!is_broken() && at_ < text_.size()) ++at_;
  }

  void fail_at_word(std::size_t begin, bool is_export) {
    if (is_export) return fail(begin, "a word that the shell cannot export");
    if (text_.substr(begin).starts_with('\r') || text_.substr(begin).starts_with("\xEF\xBB\xBF"))
      return fail(begin,
                  "a carriage return or a byte order mark, which the shell takes as a command");
    if (is_one_of(text_[begin], ";&|<>()"))
      return fail(begin, "a sign that is an operator for the shell");
    fail(begin, "a word that the shell runs as a command (a value with blanks needs quotes)");
  }

  void assign(const std::string& name, std::size_t begin, Around around) {
    std::string value;
    read_word(around, value);
    if (is_broken()) return;
    if (holds(own_names, name)) return fail(begin, name + " is a variable of the shell itself");
    size_ += value.size();
    if (size_ > most_text) return fail(begin, "values of more than 16 MiB in all");
    values_[name] = std::move(value);
    lines_[name] = begin;
  }

  void read_word(Around around, std::string& value) {
    bool may_be_home = true;  // a ~ here is a home directory
    while (!is_broken() && at_ < text_.size()) {
      const char c = text_[at_];
      if (is_one_of(c, " \t\n")) return;
      if (is_one_of(c, ";&|<>()"))
        return fail(at_, "a sign that is an operator for the shell (the value needs quotes)");
      const bool is_home = may_be_home && c == '~';
      if (is_home) return fail(at_, "a ~ in whose place the shell puts a home directory");
      if (around == Around::export_word && c == '{')
        return fail(at_, "braces that bash expands behind `export` (the value needs quotes)");
      may_be_home = c == ':';
      if (c == '\'') {
        read_single_quoted(value);
      } else if (c == '"') {
        read_double_quoted(value);
      } else if (c == '\\') {
        read_backslash(value, false);
      } else if (c == '$' || c == '`') {
        read_expansion(around, value, 0);
      } else {
        take(value);
      }
    }
  }

  void take(std::string& value) {
    if (text_[at_] == '\0') return fail(at_, "a zero byte, which no shell keeps");
    value += text_[at_++];
  }

  void read_single_quoted(std::string& value) {
    const std::size_t end = text_.find('\'', at_ + 1);
    if (end == std::string_view::npos) return fail_at_quote();
    const std::string_view inner = text_.substr(at_ + 1, end - at_ - 1);
    if (inner.find('\0') != std::string_view::npos)
      return fail(at_, "a zero byte, which no shell keeps");
    value += inner;
    at_ = end + 1;
  }

  void fail_at_quote() {
    fail(at_, "a quote that has no end for the shell");
    is_lost_ = true;
  }

  void read_double_quoted(std::string& value) {
    const std::size_t begin = at_++;
    while (!is_broken() && at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_];
      if (c == '\\') {
        read_backslash(value, true);
      } else if (c == '$' || c == '`') {
        read_expansion(Around::double_quotes, value, 0);
      } else {
        take(value);
      }
    }
    if (is_broken()) return;
    if (at_ >= text_.size()) {
      at_ = begin;
      return fail_at_quote();
    }
    ++at_;
  }

  void read_backslash(std::string& value, bool is_quoted) {
    if (at_ + 1 >= text_.size() || text_[at_ + 1] == '\0') return take(value);
    const char next = text_[at_ + 1];
    at_ += 2;
    if (next == '\n') return;
    if (is_quoted && !is_one_of(next, "$`\"\\")) value += '\\';
    value += next;
  }

  // At a "$" or a backquote.
  void read_expansion(Around around, std::string& value, int depth) {
    const std::size_t begin = at_;
    const std::string_view after = rest().substr(1);
    if (text_[at_] == '`' || after.starts_with('('))
      return fail(at_,
                  "a command that the shell runs to make the value (single quotes prevent it)");
    if (const std::size_t length = length_of_name(after); length > 0) {
      at_ += 1 + length;
      return add_variable(begin, std::string(after.substr(0, length)), value);
    }
    if (after.starts_with('{')) return read_braced(around, value, depth);
    const bool is_parameter = !after.empty() && is_one_of(after.front(), "0123456789@*#?$!-[");
    const bool is_quote =
        around != Around::double_quotes && !after.empty() && is_one_of(after.front(), "'\"");
    if (is_parameter || is_quote)
      return fail(at_, "a dollar sign that the shell expands (single quotes prevent it)");
    take(value);
  }

  // What is not set is nothing for the shell as well, unless it is set in every shell.
  const std::string* find(std::size_t place, const std::string& name) {
    const auto found = values_.find(name);
    if (found != values_.end()) return &found->second;
    const auto given = environment_.find(name);
    if (given != environment_.end()) return &given->second;
    if (holds(always_set, name) || holds(own_names, name))
      fail(place, "a use of " + name +
                      ", which the shell sets and compose does not (list it in `environment`)");
    return nullptr;
  }

  void add_variable(std::size_t place, const std::string& name, std::string& value) {
    const std::string* found = find(place, name);
    if (found == nullptr) return;
    value += *found;
    if (value.size() > most_text) fail(place, "a value that is longer than 16 MiB");
  }

  // "${NAME}" or "${NAME:-word}", where the words hold no quotes: what shells make of these depends
  // on where they are.
  void read_braced(Around around, std::string& value, int depth) {
    const std::size_t begin = at_;
    at_ += 2;
    const std::size_t length = length_of_name(rest());
    const std::string name(rest().substr(0, length));
    at_ += length;
    if (length == 0 || depth > deepest_word)
      return fail(begin, "an expansion that shells and compose read differently");
    if (current() == '}') {
      ++at_;
      return add_variable(begin, name, value);
    }
    const bool minds_empty = current() == ':';
    if (minds_empty) ++at_;
    const char operation = current();
    if (!is_one_of(operation, "-+?"))
      return fail(begin, "an expansion that shells and compose read differently");
    ++at_;
    std::string word;
    read_braced_word(begin, around, word, depth);
    if (is_broken()) return;
    const std::string* found = find(begin, name);
    const bool is_set = found != nullptr && !(minds_empty && found->empty());
    const bool takes_word = operation == '+' ? is_set : !is_set;
    if (takes_word && operation == '?')
      return fail(begin, "a variable that is required and not set, so the shell ends");
    if (takes_word) {
      value += word;
    } else if (is_set && operation != '+') {
      value += *found;
    }
    if (value.size() > most_text) fail(begin, "a value that is longer than 16 MiB");
  }

  void read_braced_word(std::size_t begin, Around around, std::string& word, int depth) {
    const std::string_view odd = around == Around::double_quotes ? "\"'\\`{\n" : "\"'\\`{~\n";
    while (!is_broken()) {
      if (at_ >= text_.size() || is_one_of(text_[at_], odd))
        return fail(begin, "an expansion that shells and compose read differently");
      if (text_[at_] == '}') break;
      if (text_[at_] == '$') {
        read_expansion(around, word, depth + 1);
      } else {
        take(word);
      }
    }
    if (!is_broken()) ++at_;
  }

  // What both read without a complaint, they may read differently all the same.
  void compare() {
    for (const auto& [name, value] : read_.keys) {
      if (problems_.size() == most_problems) break;
      const auto found = values_.find(name);
      if (found != values_.end() && found->second == value) continue;
      const bool is_set = found != values_.end();
      if (!is_set && environment_.contains(name)) continue;  // exported as it is
      place_ = is_set ? lines_[name] : 0;
      problem_ =
          on_one_line(name, 80) + (is_set ? " has another value for the shell than for compose"
                                          : " is set by compose and not by the shell");
      note_problem(0);
    }
    std::sort(problems_.begin(), problems_.end(),
              [](const auto& a, const auto& b) { return a.line < b.line; });
  }

  std::string_view text_;
  const Dotenv& read_;
  const Keys& environment_;
  std::vector<DotenvProblem> problems_;
  Keys values_;
  std::map<std::string, std::size_t> lines_;  // where each is set
  std::size_t at_ = 0;
  std::string problem_;  // of the line that is read
  std::size_t place_ = 0;
  bool is_lost_ = false;  // nothing behind can be read
  std::size_t size_ = 0;
};

}  // namespace

std::vector<DotenvProblem> problems_when_sourced(std::string_view text, const Dotenv& read,
                                                 const Keys& environment) {
  return ShellReader(text, read, environment).problems();
}

}  // namespace gonogo
