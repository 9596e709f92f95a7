#include "daemon/formats/shell_work.h"

#include <algorithm>
#include <span>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/formats/shell_flow.h"
#include "daemon/formats/shell_launchers.h"
#include "daemon/formats/shell_programs.h"
#include "daemon/formats/shell_refusals.h"
#include "daemon/formats/shell_tokens.h"

namespace gonogo {
namespace {

using Words = std::span<const ShellToken>;
using Kind = ShellCommand::Kind;

// Simple commands of one line, those of called functions included.
constexpr int most_commands = 1000;

ShellResult result_of(std::string_view name) {
  for (const std::string_view folder : {"", "/bin/", "/usr/bin/"}) {
    if (!name.starts_with(folder)) continue;
    const std::string_view program = name.substr(folder.size());
    if (program == "true" || name == ":") return ShellResult::good;
    if (program == "false") return ShellResult::bad;
  }
  return ShellResult::unknown;
}

ShellResult status_of(Words words) {
  if (words.size() < 2 || words[1].is_expanded) return ShellResult::unknown;
  return words[1].text == "0" ? ShellResult::good : ShellResult::bad;
}

// Reads one command line into the work; `depth` says within how many others it is.
class Line : public ShellFlow {
 public:
  Line(ShellWork& work, ShellReading reading, int depth, int& commands)
      : ShellFlow(work), reading_(std::move(reading)), depth_(depth), commands_(commands) {
    state_.has_arguments = depth > 0;
  }

  ShellResult read(std::string_view text);

 private:
  ShellResult run_simple(const ShellCommand& command) override;
  void run_substitutions(Words tokens) override;
  bool refuses(Words tokens) override { return stops(refusal_of_expansions(tokens, place())); }

  ShellPlace place() const;
  bool stops(const std::string& why);
  void note_defaults(Words words);
  void set_variable(const std::string& assignment);
  ShellResult run_words(Words words, const ShellCommand& command, const ShellCommand* feeder);
  bool is_missing_file(const ShellToken& path) const;
  bool is_missing_program(const ShellToken& program) const;
  // Commands that change what runs behind them; nothing for all others.
  std::optional<ShellResult> run_builtin(Words words);
  // bash goes on behind a "return" that is in no function.
  bool returns() const { return functions_ > 0 || reading_.dialect != ShellDialect::bash; }
  void note_options(Words words);
  ShellResult run_eval(Words words);
  void run_trap(Words words);
  void read_in_subshell(std::string_view text);
  ShellInput input_of(const ShellCommand& command, const ShellCommand* feeder) const;
  void launch(Words words, const ShellInput& input);

  ShellReading reading_;
  int depth_ = 0;
  int& commands_;
};

ShellResult Line::read(std::string_view text) {
  std::string problem;
  const auto tokens = depth_ > deepest_shell ? std::nullopt : shell_tokens(text, problem);
  ShellList list;
  if (tokens) list = shell_tree(*tokens, reading_.dialect, problem);
  if (!tokens && problem.empty()) problem = "is nested too deep";
  if (problem.empty() && depth_ > 0 && reading_.dialect != ShellDialect::other)
    problem = shell_syntax_problem(text, reading_.dialect);
  if (problem.empty()) return run_list(list);
  if (work_.problem.empty()) work_.problem = problem;
  add(std::string(text), false);
  return ShellResult::bad;
}

ShellResult Line::run_simple(const ShellCommand& command) {
  if (!is_live() || ++commands_ > most_commands) {
    mention(command.words);
    mention(command.redirections);
    return ShellResult::unknown;
  }
  const ShellCommand* feeder = std::exchange(feeder_, nullptr);
  if (refuses(command.words) || refuses(command.redirections)) {
    mention(command.words);
    mention(command.redirections);
    return ShellResult::bad;
  }
  note_defaults(command.words);
  Words words(command.words);
  while (!words.empty() && is_assignment(words[0].text)) {
    set_variable(words[0].text);
    mention(words.first(1));
    words = words.subspan(1);
  }
  const bool is_plain = command.redirections.empty() &&
                        std::none_of(command.words.begin(), command.words.end(),
                                     [](const ShellToken& word) { return word.is_expanded; });
  ShellResult result = words.empty() && is_plain ? ShellResult::good : ShellResult::unknown;
  if (!words.empty()) result = run_words(words, command, feeder);
  mention(command.redirections);
  const ShellEnd end = std::exchange(state_.end, ShellEnd::none);
  run_substitutions(command.words);
  run_substitutions(command.redirections);
  state_.end = end;
  return result;
}

// "${NAME:=word}" sets it.
void Line::note_defaults(Words words) {
  for (const ShellToken& word : words) {
    for (const std::string& text : word.parameters) {
      const std::size_t end = text.find_first_of(":=");
      const std::size_t sign = end == std::string::npos ? end : text.find('=', end);
      if (sign != std::string::npos && sign - end < 2) state_.variables.insert(text.substr(0, end));
    }
  }
}

void Line::set_variable(const std::string& assignment) {
  const std::string name = assignment.substr(0, assignment.find_first_of("+="));
  state_.has_own_path = state_.has_own_path || name == "PATH";
  state_.variables.insert(name);
}

ShellResult Line::run_words(Words words, const ShellCommand& command, const ShellCommand* feeder) {
  const std::string& name = words[0].text;
  if (state_.functions.contains(name)) {
    mention(words);
    return call(name);
  }
  const bool is_first_of_all = depth_ == 0 && work_.runs.empty();
  if (is_first_of_all && is_time_field(name)) {
    work_.problem = "begins with " + in_quotes(name) + ", which is a field too many";
    mention(words);
    return ShellResult::bad;
  }
  if (stops(refusal_of_builtin(words, place()))) {
    mention(words);
    return ShellResult::bad;
  }
  if (is_missing_program(words[0])) {
    // No more of it: what is behind a blank may hold a secret.
    const std::string shown =
        name.substr(0, name.find(' ')) + (name.find(' ') == std::string::npos ? "" : " ...");
    if (work_.hint.empty())
      work_.hint = "the shell finds no program " + in_quotes(shown, 60) +
                   (is_missing_in_dash(name) ? ", which bash has and dash does not" : "");
    mention(words);
    return ShellResult::bad;
  }
  if (const auto result = run_builtin(words)) return *result;
  launch(words, input_of(command, feeder));
  return result_of(name);
}

bool Line::is_missing_file(const ShellToken& path) const {
  return reading_.exists && path.text.starts_with('/') && !path.is_expanded &&
         !reading_.exists(path.text).value_or(true);
}

bool Line::is_missing_program(const ShellToken& program) const {
  if (reading_.dialect == ShellDialect::dash && is_missing_in_dash(program.text)) return true;
  return is_no_program(program, reading_.exists);
}

std::optional<ShellResult> Line::run_builtin(Words words) {
  const std::string& name = words[0].text;
  if (name == "exit" || (name == "return" && returns())) {
    launch(words, {});
    state_.end = name == "return" && functions_ > 0 ? ShellEnd::function : ShellEnd::shell;
    state_.status = status_of(words);
    return ShellResult::unknown;
  }
  if ((name == "break" || name == "continue") && loops_ > 0) {
    mention(words);
    state_.end = ShellEnd::loop;
    return ShellResult::good;
  }
  if (name == "exec" && words.size() > 1) {
    launch(words, {});
    end_shell(ShellResult::unknown);
    return ShellResult::unknown;
  }
  if (name == "eval") return run_eval(words);
  if (name == "trap") {
    run_trap(words);
    return ShellResult::unknown;
  }
  if (name == "set") note_options(words);
  if ((name == "." || name == "source") && words.size() > 1 && is_missing_file(words[1])) {
    mention(words);
    return ShellResult::bad;
  }
  if (name == "." || name == "source" || name == "read" || name == "getopts" || name == "mapfile" ||
      name == "readarray")
    state_.knows_variables = false;
  if (name == "export" || name == "readonly" || name == "local" || name == "declare" ||
      name == "typeset") {
    for (const ShellToken& word : words.subspan(1)) {
      if (is_assignment(word.text)) set_variable(word.text);
    }
  }
  return std::nullopt;
}

void Line::note_options(Words words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    if (word.size() < 2 || word == "--" || (word[0] != '-' && word[0] != '+')) {
      state_.has_arguments = true;
      return;
    }
    const bool is_on = word[0] == '-';
    for (const char letter : std::string_view(word).substr(1)) {
      const std::string name = letter == 'o' && i + 1 < words.size() ? words[++i].text : "";
      if (letter == 'e' || name == "errexit") state_.exits_on_error = is_on;
      if (name == "pipefail") state_.has_pipefail = is_on;
      // It reads on and runs nothing.
      if (is_on && (letter == 'n' || name == "noexec")) end_shell(ShellResult::good);
    }
  }
}

ShellResult Line::run_eval(Words words) {
  add(words[0].text, true);
  work_.add_run({words[0].text});
  std::string text;
  for (const ShellToken& word : words.subspan(1)) text += (text.empty() ? "" : " ") + word.text;
  if (text.empty()) return ShellResult::good;
  if (reading_.dialect == ShellDialect::dash &&
      !shell_syntax_problem(text, reading_.dialect).empty()) {
    sign(text);
    stops("dash stops at \"eval\", whose text it refuses");
    return ShellResult::bad;
  }
  Line line(work_, reading_, depth_ + 1, commands_);
  line.state_ = state_;
  line.functions_ = functions_;
  line.loops_ = loops_;
  const ShellResult result = line.read(text);
  state_ = line.state_;
  return result;
}

// "trap 'commands' EXIT": they run at the end. Other signals may never come.
void Line::run_trap(Words words) {
  add(words[0].text, true);
  const auto is_end = [](const ShellToken& word) {
    return word.text == "EXIT" || word.text == "0";
  };
  Words rest = words.subspan(1);
  if (!rest.empty() && rest[0].text == "--") rest = rest.subspan(1);
  const bool runs = rest.size() > 1 && std::any_of(rest.begin() + 1, rest.end(), is_end);
  if (runs && rest[0].text != "-") {
    read_in_subshell(rest[0].text);
    rest = rest.subspan(1);
  }
  mention(rest);
}

ShellInput Line::input_of(const ShellCommand& command, const ShellCommand* feeder) const {
  ShellInput input;
  for (const ShellToken& redirection : command.redirections) {
    const std::string& text = redirection.text;
    if (text.starts_with('<') && text.find_first_of("<&>(", 1) == std::string::npos)
      input.files.emplace_back(trimmed(std::string_view(text).substr(1)));
  }
  if (feeder == nullptr || !input.files.empty()) return input;
  while (feeder->kind == Kind::group || feeder->kind == Kind::subshell) {
    const ShellList& list = feeder->lists[0];
    if (list.size() != 1 || list[0].pipelines.size() != 1) return input;
    feeder = &list[0].pipelines[0].commands.back();
  }
  if (feeder->kind != Kind::simple || feeder->words.empty()) return input;
  const std::string_view name = shell_program_name(feeder->words[0].text);
  const Words arguments = Words(feeder->words).subspan(1);
  for (const ShellToken& word : arguments) {
    if (passes_files(name) && !word.text.starts_with('-')) input.files.push_back(word.text);
    if (name == "echo" || name == "printf") input.text += word.text + " ";
  }
  if (const std::size_t end = input.text.find("\\n"); end != std::string::npos)
    input.text.resize(end);
  return input;
}

void Line::launch(Words words, const ShellInput& input) {
  const ReadShellLine read = [this](std::string_view line, int depth, ShellDialect dialect) {
    ShellReading reading = reading_;
    reading.dialect = dialect;
    if (dialect == ShellDialect::other) reading.sh = dialect;
    Line nested(work_, std::move(reading), depth, commands_);
    nested.state_.knows_variables = state_.knows_variables;
    nested.state_.variables = state_.variables;
    nested.read(line);
  };
  gonogo::launch(words, input, {reading_, depth_, work_, read});
}

ShellPlace Line::place() const {
  return {.reading = reading_,
          .in_function = functions_ > 0,
          .has_arguments = state_.has_arguments || depth_ > 0,
          .has_usual_path = reading_.has_usual_path && !state_.has_own_path,
          .may_be_set = [this](const std::string& name) {
            return !state_.knows_variables || !reading_.is_set || reading_.is_set(name) ||
                   state_.variables.contains(name);
          }};
}

bool Line::stops(const std::string& why) {
  if (why.empty()) return false;
  if (work_.stop.empty()) work_.stop = why;
  end_shell(ShellResult::bad);
  return true;
}

void Line::run_substitutions(Words tokens) {
  if (!is_live()) return;
  for (const ShellToken& token : tokens) {
    for (const std::string& command : token.substitutions) read_in_subshell(command);
  }
}

void Line::read_in_subshell(std::string_view text) {
  Line line(work_, reading_, depth_ + 1, commands_);
  line.state_ = state_;
  line.functions_ = functions_;
  line.read(text);
}

}  // namespace

void ShellWork::add(const std::string& word, bool is_run) {
  if (!all.empty()) {
    all += ' ';
    others += ' ';
  }
  all += word;
  if (!is_run) others += word;
}

void ShellWork::add_run(const std::vector<std::string>& words) {
  runs.push_back(joined(words, " "));
  if (words.size() > 1) runs.insert(runs.end(), words.begin(), words.end());
}

bool ShellWork::fits(const std::function<bool(const std::string&)>& matches) const {
  if (std::any_of(runs.begin(), runs.end(), matches)) return true;
  return all != others && matches(all) && !matches(others);
}

ShellWork shell_work(std::string_view line, const ShellReading& reading) {
  ShellWork work;
  std::string problem;
  if (!shell_tokens(line, problem)) {
    work.problem = problem;
    return work;
  }
  int commands = 0;
  Line(work, reading, 0, commands).read(line);
  return work;
}

}  // namespace gonogo
