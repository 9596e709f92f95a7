// Crontabs of both programs, and what their command lines run.
#include "daemon/formats/crontab.h"

#include <algorithm>

#include "daemon/formats/shell_grammar.h"
#include "daemon/formats/shell_tokens.h"
#include "daemon/formats/shell_work.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

Crontab read(std::string_view text, CronFlavour flavour, const std::string& owner) {
  const auto is_user = [](const std::string& name) { return name == "root" || name == "www-data"; };
  return parse_crontab(text, {.flavour = flavour, .owner = owner, .is_user = is_user});
}

bool is_same(const CrontabEntry& one, const CrontabEntry& other) {
  return one.line == other.line && one.user == other.user && one.command == other.command &&
         one.schedule == other.schedule && one.shell == other.shell && one.zone == other.zone;
}

void inspect(std::string_view text, CronFlavour flavour, const std::string& owner) {
  const Crontab table = read(text, flavour, owner);
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  hold(!table.ignores_file || (table.entries.empty() && !table.problems.empty()),
       "a file that is ignored has no entries, and a reason");
  if (flavour == CronFlavour::debian)
    hold(table.problems.empty() || table.entries.empty(), "Debian's cron ignores the whole file");
  int last = 1;
  for (const CrontabEntry& entry : table.entries) {
    // A NUL ends an entry as well, so that one line may hold two.
    hold(entry.line >= last && entry.line <= lines, "entries are in the order of their lines");
    last = entry.line;
    hold(owner.empty() ? entry.user == "root" || entry.user == "www-data" : entry.user == owner,
         "an entry has a user of this host");
    hold(entry.command.find('\n') == std::string::npos, "a command is one line");
    std::string problem;
    const ShellWork work = shell_work(entry.command);
    for (const ShellDialect dialect : {ShellDialect::dash, ShellDialect::bash}) {
      const auto is_there = [](const std::string& path) {
        return std::optional(path.size() % 2 == 0);
      };
      const auto is_set = [](const std::string& name) { return name.size() % 2 == 0; };
      const ShellWork read = shell_work(entry.command, {.dialect = dialect,
                                                        .sh = ShellDialect::dash,
                                                        .exists = is_there,
                                                        .is_set = is_set,
                                                        .has_usual_path = true});
      hold(read.all.size() >= read.others.size(), "what is left out is no addition");
    }
    if (shell_tokens(entry.command, problem)) {
      static_cast<void>(shell_syntax_problem(entry.command, ShellDialect::bash));
    } else {
      hold(!problem.empty() && work.runs.empty(), "a line that the shell refuses runs nothing");
      hold(!shell_syntax_problem(entry.command, ShellDialect::dash).empty(), "it is refused");
    }
  }
  for (const CrontabProblem& problem : table.problems)
    hold(problem.line >= 1 && problem.line <= lines && !problem.text.empty(),
         "a problem has a line and words");
  // The beginning of a table without a fault has the first of its entries.
  if (!table.problems.empty()) return;
  const std::size_t half = text.find('\n', text.size() / 2);
  if (half == std::string_view::npos) return;
  const Crontab beginning = read(text.substr(0, half + 1), flavour, owner);
  hold(beginning.problems.empty() && beginning.entries.size() <= table.entries.size() &&
           std::equal(beginning.entries.begin(), beginning.entries.end(), table.entries.begin(),
                      is_same),
       "the beginning of a table is the beginning of its entries");
}

}  // namespace

void fuzz(std::string_view input) {
  for (const std::string owner : {"", "root"}) {
    inspect(input, CronFlavour::debian, owner);
    inspect(input, CronFlavour::cronie, owner);
  }
}

}  // namespace gonogo
