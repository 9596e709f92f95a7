#include "probes/shared/cron_entry.h"

#include <re2/re2.h>

#include "daemon/core/text.h"
#include "daemon/formats/shell_grammar.h"
#include "daemon/formats/shell_programs.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/cron_host.h"

namespace gonogo {
namespace {

// "root /opt/x" where no user is expected: root is no program.
bool begins_with_a_user(const CrontabEntry& entry, const ShellReading& reading) {
  if (!reading.has_usual_path) return false;

  const std::string word = entry.command.substr(0, entry.command.find_first_of(" \t"));
  if (word.empty() || word.size() == entry.command.size() || !is_user_of_host(word)) return false;
  for (const char* folder :
       {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    if (!matching_paths(folder + word).empty()) return false;
  }
  return true;
}

ShellDialect dialect_of(const std::string& program) {
  if (program == "dash") return ShellDialect::dash;
  return program == "bash" ? ShellDialect::bash : ShellDialect::other;
}

// What cron and the shells themselves set.
bool is_set_by_shell(const std::string& name) {
  static const RE2 names(
      "HOME|LOGNAME|USER|SHELL|PATH|PWD|OLDPWD|LANG|LANGUAGE|LC_.*|MAIL|TERM|IFS|"
      "OPTIND|PPID|E?UID|GROUPS|RANDOM|SRANDOM|SECONDS|LINENO|SHLVL|"
      "HOST(NAME|TYPE)|OSTYPE|MACHTYPE|EPOCH.*|BASH.*|PS[0-4]|TZ|XDG_.*|_");
  return RE2::FullMatch(name, names);
}

std::string fault_of_shell(const CrontabEntry& entry, const CrontabRoot& root) {
  const std::string_view name = shell_program_name(entry.shell);
  const std::string words = "its SHELL " + in_quotes(entry.shell, 60);
  if (name == "false" || name == "true" || name == "nologin" || name == "git-shell")
    return words + " is a program which runs nothing";
  const std::string refusal = root.refusal_of_shell(entry.shell);
  if (!refusal.empty()) return words + " cannot be run: " + refusal;
  const bool is_none = name == "env" || name == "busybox" || find_wrapper(name) != nullptr ||
                       is_interpreter(name) || only_mentions(name);
  return is_none ? words + " is no shell" : std::string();
}

}  // namespace

ShellReading shell_reading(const CrontabEntry& entry, const Crontab& crontab,
                           const CrontabRoot& root) {
  const auto is_above = [&crontab, line = entry.line](const std::string& name) {
    const auto found = crontab.variables.find(name);
    return found != crontab.variables.end() && found->second < line;
  };
  return {.dialect = dialect_of(root.name_of_program(entry.shell)),
          .sh = dialect_of(root.name_of_program("/bin/sh")),
          .exists = [&root](const std::string& path) { return root.exists(path); },
          .is_set =
              [&root, is_above](const std::string& name) {
                return is_set_by_shell(name) || is_above(name) || root.is_in_environment(name);
              },
          .has_usual_path = !is_above("PATH")};
}

std::string fault_of_entry(const CrontabEntry& entry, const CrontabRoot& root,
                           const ShellReading& reading, bool is_of_user) {
  std::string fault = fault_of_shell(entry, root);
  if (!fault.empty()) return fault;
  if (begins_with_a_user(entry, reading))
    return is_of_user ? "it begins with a user, and a user's crontab has no column for one"
                      : "it begins with a second user";
  const std::string program = root.name_of_program(entry.shell);
  const std::string problem = shell_syntax_problem(entry.command, reading.dialect);
  return problem.empty() ? problem
                         : "the shell refuses its command: " + problem + " (" + program + ")";
}

}  // namespace gonogo
