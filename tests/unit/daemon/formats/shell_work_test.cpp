// The expected answers in shell_work.txt are those of dash 0.5.12 and bash 5.2.15 (Debian 12).
#include "daemon/formats/shell_work.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <fstream>

namespace gonogo {
namespace {

bool runs(const char* line, const char* pattern = R"(backup_now\.sh)") {
  const RE2 expression(pattern);
  return shell_work(line).fits(
      [&](const std::string& text) { return RE2::PartialMatch(text, expression); });
}

std::optional<bool> is_there(const std::string& path) {
  if (path.find(" --") != std::string::npos || path.find("missing") != std::string::npos)
    return false;
  return path == "/etc/profile" ? std::optional(true) : std::nullopt;
}

ShellReading reading_by(ShellDialect dialect) {
  return {.dialect = dialect,
          .sh = ShellDialect::dash,
          .exists = is_there,
          .is_set = [](const std::string& name) { return name == "HOME" || name == "PATH"; },
          .has_usual_path = true};
}

bool runs_in(ShellDialect dialect, const std::string& line) {
  const ShellWork work = shell_work(line, reading_by(dialect));
  return shell_syntax_problem(line, dialect).empty() && work.fits([](const std::string& text) {
    return text.find("backup_now.sh") != std::string::npos;
  });
}

TEST(ShellWork, IsWhatTheShellsRun) {
  std::ifstream table(std::string(GONOGO_SOURCE_DIR) + "/tests/unit/daemon/formats/shell_work.txt");
  std::size_t runs = 0;
  std::size_t others = 0;
  for (std::string row; std::getline(table, row);) {
    if (row.starts_with("# ")) continue;
    const std::size_t second = row.rfind('\t');
    const std::size_t first = row.rfind('\t', second - 1);
    std::string line = row.substr(0, first);
    RE2::GlobalReplace(&line, "@P", "/opt/backup_now.sh");
    const std::string by_dash = row.substr(first + 1, second - first - 1);
    const std::string by_bash = row.substr(second + 1);
    EXPECT_EQ(runs_in(ShellDialect::dash, line), by_dash != "not") << "dash: " << line;
    EXPECT_EQ(runs_in(ShellDialect::bash, line), by_bash != "not") << "bash: " << line;
    ++(by_dash == "not" ? others : runs);
  }
  EXPECT_GT(runs, 250U);
  EXPECT_GT(others, 200U);
}

TEST(ShellWork, IsTheProgramInEachCommandPosition) {
  for (const char* line : {"/opt/app/ops/backup_now.sh",
                           "ENV_FILE=/etc/app.env /opt/backup_now.sh --all",
                           "A=1 B='x y' backup_now.sh",
                           "cd /opt && ./backup_now.sh",
                           "cd /opt; ./backup_now.sh",
                           "true && /opt/backup_now.sh",
                           "false || /opt/backup_now.sh",
                           "/opt/a | /opt/backup_now.sh",
                           "( cd /opt; ./backup_now.sh )",
                           "{ ./backup_now.sh; }",
                           "! /opt/backup_now.sh",
                           "[ -x /opt/backup_now.sh ] && /opt/backup_now.sh",
                           "if true; then /opt/backup_now.sh; fi",
                           "for i in 1 2; do /opt/backup_now.sh $i; done",
                           "sleep 5; /opt/backup_now.sh",
                           "/opt/backup_now.sh >> /var/log/x.log 2>&1",
                           "2>/dev/null /opt/backup_now.sh",
                           "/opt/backup_now.sh&",
                           "/opt/backup_now.sh # nightly",
                           "'/opt/backup_now.sh'",
                           "\"$HOME\"/bin/backup_now.sh",
                           "/opt/back\\up_now.sh",
                           "echo $(/opt/backup_now.sh)",
                           "echo \"$(/opt/backup_now.sh)\"",
                           "echo `/opt/backup_now.sh`",
                           "echo a#b; backup_now.sh",
                           "time /opt/backup_now.sh",
                           "case x in x) /opt/backup_now.sh;; esac",
                           "while ! /opt/backup_now.sh; do sleep 1; done"}) {
    EXPECT_TRUE(runs(line)) << line;
  }
}

TEST(ShellWork, IsNotWhatIsOnlyMentioned) {
  for (const char* line : {"echo backup_now.sh disabled",
                           "true # /opt/backup_now.sh",
                           "# /opt/backup_now.sh",
                           "",
                           ": /opt/backup_now.sh",
                           "printf '%s' backup_now.sh",
                           "test -x /opt/backup_now.sh",
                           "[ -x /opt/backup_now.sh ]",
                           "logger backup_now.sh",
                           "cat /opt/backup_now.sh",
                           "ls -l /opt/backup_now.sh",
                           "rm -f /opt/backup_now.sh",
                           "chmod +x /opt/backup_now.sh",
                           "touch /opt/backup_now.sh",
                           "/bin/echo backup_now.sh",
                           "env echo backup_now.sh",
                           "sh -c 'echo backup_now.sh'",
                           "bash -n /opt/backup_now.sh",
                           "sudo -u x echo backup_now.sh",
                           "flock /run/backup_now.sh.lock /opt/other",
                           "docker exec backup_now.sh /opt/other",
                           "sudo -u backup_now.sh /opt/other",
                           "/opt/other > /var/log/backup_now.sh.log",
                           "/opt/other 2>>backup_now.sh",
                           "X=/opt/backup_now.sh",
                           "X=/opt/backup_now.sh /opt/other",
                           "command -v backup_now.sh",
                           "mail -s 'backup_now.sh failed' root",
                           "timeout 5 true backup_now.sh",
                           "grep backup_now.sh /etc/crontab",
                           "pgrep -f backup_now.sh",
                           "cd /opt/backup_now.sh",
                           "/opt/notify 'the job backup_now.sh is off'",
                           "false && /opt/backup_now.sh",
                           "true || /opt/backup_now.sh",
                           ": || backup_now.sh",
                           "exit 0; backup_now.sh",
                           "false && (cd /opt; ./backup_now.sh)",
                           "! true && backup_now.sh",
                           "exec /opt/x; backup_now.sh",
                           "find /opt -name backup_now.sh",
                           "for i in backup_now.sh; do echo $i; done",
                           "echo 'backup_now.sh'; true",
                           "case backup_now.sh in backup_now.sh) true;; esac",
                           "1 /opt/backup_now.sh",
                           "* /opt/backup_now.sh",
                           "echo \\$(backup_now.sh)",
                           "echo '$(backup_now.sh)'",
                           "/opt/backup_now.sh --date \"",
                           "backup_now.sh `date +",
                           "backup_now.sh $(date +",
                           "backup_now.sh 'x",
                           "eval echo backup_now.sh"}) {
    EXPECT_FALSE(runs(line)) << line;
    EXPECT_FALSE(runs(line, R"(.*backup_now\.sh.*)")) << line;
  }
}

TEST(ShellWork, FitsPatternsOverSeveralWords) {
  EXPECT_TRUE(runs("python3 manage.py cleanup --all", "manage\\.py cleanup"));
  EXPECT_TRUE(runs("cd /opt/app && ./run.sh > /var/log/x", "cd /opt/app && ./run\\.sh"));
  EXPECT_TRUE(runs("docker exec -i app /opt/clean", "docker exec -i app /opt/clean"));
  EXPECT_TRUE(runs("ENV_FILE=/etc/a.env /opt/run.sh", "ENV_FILE=/etc/a.env /opt/run.sh"));
  EXPECT_TRUE(runs("/opt/run.sh > /var/log/run.log 2>&1", "^/opt/run.sh > /var/log/run.log 2>&1$"));
  EXPECT_TRUE(runs("nice /opt/run.sh --all", "^/opt/run.sh$")) << "each program by itself";
  EXPECT_TRUE(runs("psql -c 'VACUUM ANALYZE'", "VACUUM ANALYZE"));
  EXPECT_FALSE(runs("sudo -u backup /opt/other", "backup"));
  EXPECT_TRUE(runs("echo hello", "^echo")) << "a program is one, also when it is echo";
}

TEST(ShellWork, RunsNothingOfALineThatTheShellRefuses) {
  EXPECT_FALSE(runs("backup_now.sh; echo x (y)"));
  EXPECT_FALSE(runs("backup_now.sh; echo x (y)", "backup_now.sh ;"));
  EXPECT_TRUE(runs("backup_now.sh; sh -c 'echo x (y)'"));
  EXPECT_FALSE(runs("true; sh -c 'backup_now.sh; echo x (y)'"));
  EXPECT_TRUE(runs("f() { backup_now.sh; }; f"));
}

TEST(ShellWork, SaysWhyNothingRuns) {
  EXPECT_EQ(shell_work("/opt/x \"").problem, "a double quote is not closed");
  EXPECT_NE(shell_work("1 /opt/x").problem.find("a field too many"), std::string::npos);
}

TEST(ShellWork, IsBounded) {
  std::string line = "x";
  for (int i = 0; i < 2000; ++i) line = "echo \"$(" + line + ")\"";
  EXPECT_FALSE(shell_work(line).problem.empty());
  std::string wrapped = "backup_now.sh";
  for (int i = 0; i < 30'000; ++i) wrapped = "nice " + wrapped;
  EXPECT_FALSE(runs(wrapped.c_str()));
  EXPECT_FALSE(runs(std::string(100'000, '(').c_str()));
  EXPECT_FALSE(runs(std::string(100'000, '{').c_str()));
  EXPECT_FALSE(runs(("a" + std::string(100'000, '`')).c_str()));
}

}  // namespace
}  // namespace gonogo
