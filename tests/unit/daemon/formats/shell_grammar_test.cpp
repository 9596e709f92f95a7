// The expected answers in shell_grammar.txt are those of dash 0.5.12 and bash 5.2.15 (Debian 12).
#include "daemon/formats/shell_grammar.h"

#include <gtest/gtest.h>

#include <fstream>

namespace gonogo {
namespace {

bool is_taken(std::string_view line, ShellDialect dialect) {
  return shell_syntax_problem(line, dialect).empty();
}

TEST(ShellGrammar, TakesAndRefusesWhatTheShellsDo) {
  std::ifstream table(std::string(GONOGO_SOURCE_DIR) +
                      "/tests/unit/daemon/formats/shell_grammar.txt");
  std::size_t refused = 0;
  std::size_t taken = 0;
  for (std::string row; std::getline(table, row);) {
    if (row.starts_with("# ")) continue;
    const std::size_t second = row.rfind('\t');
    const std::size_t first = row.rfind('\t', second - 1);
    const std::string line = row.substr(0, first);
    const bool by_dash = row.substr(first + 1, second - first - 1) == "taken";
    const std::string by_bash = row.substr(second + 1);
    EXPECT_EQ(is_taken(line, ShellDialect::dash), by_dash)
        << line << ": " << shell_syntax_problem(line, ShellDialect::dash);
    EXPECT_EQ(is_taken(line, ShellDialect::bash), by_bash != "refused")
        << line << ": " << shell_syntax_problem(line, ShellDialect::bash);
    ++(by_dash ? taken : refused);
  }
  EXPECT_GT(refused, 500U);
  EXPECT_GT(taken, 190U);
}

TEST(ShellGrammar, NamesWhatIsWrong) {
  for (const auto& [line, problem] : std::initializer_list<std::pair<const char*, const char*>>{
           {"cd /opt && ./backup.sh )", "\")\" is not expected there"},
           {"if true; then ./backup.sh", "\"fi\" is missing"},
           {"for f in a b do ./backup.sh $f; done", "\"do\" is missing before \"done\""},
           {"while read f; ./backup.sh; done", "\"do\" is missing before \"done\""},
           {"./backup.sh |", "it ends within a command"},
           {"./backup.sh; }", "\"}\" is not expected there"},
           {"-x ./backup.sh", "it begins with \"-\", which the shell takes for an option"},
           {"echo $(date;;)", "\";;\" is not expected there"},
       }) {
    EXPECT_EQ(shell_syntax_problem(line, ShellDialect::dash), problem) << line;
  }
}

TEST(ShellGrammar, IsBoundedInDepth) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "( ";
  EXPECT_FALSE(shell_syntax_problem(deep, ShellDialect::dash).empty());
  std::string substitutions;
  for (int i = 0; i < 1000; ++i) substitutions += "$(a ";
  EXPECT_FALSE(shell_syntax_problem(substitutions, ShellDialect::dash).empty());
}

}  // namespace
}  // namespace gonogo
