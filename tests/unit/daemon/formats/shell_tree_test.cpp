#include "daemon/formats/shell_tree.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using Kind = ShellCommand::Kind;

ShellList tree_of(const char* line, ShellDialect dialect = ShellDialect::bash,
                  std::string* problem = nullptr) {
  std::string fault;
  const auto tokens = shell_tokens(line, fault);
  const ShellList list = shell_tree(*tokens, dialect, fault);
  if (problem != nullptr) *problem = fault;
  return list;
}

const ShellCommand& first_of(const ShellList& list) {
  return list.at(0).pipelines.at(0).commands.at(0);
}

TEST(ShellTree, HasTheKindOfEachCommand) {
  for (const auto& [line, kind] : std::initializer_list<std::pair<const char*, Kind>>{
           {"a b", Kind::simple},
           {"( a; b )", Kind::subshell},
           {"{ a; }", Kind::group},
           {"if a; then b; else c; fi", Kind::conditional},
           {"while a; do b; done", Kind::loop},
           {"until a; do b; done", Kind::until_loop},
           {"for i in 1 2; do b; done", Kind::each_loop},
           {"case a in b) c;; esac", Kind::choice},
           {"f() { a; }", Kind::function},
           {"[[ a && b ]]", Kind::arithmetic},
           {"((1 > 2))", Kind::arithmetic},
           {"done", Kind::stray}}) {
    const ShellList list = tree_of(line);
    ASSERT_EQ(list.size(), 1U) << line;
    EXPECT_EQ(first_of(list).kind, kind) << line;
  }
}

TEST(ShellTree, IsThatOfTheShell) {
  EXPECT_EQ(tree_of("[[ a && b ]]", ShellDialect::dash)[0].pipelines.size(), 2U);
  EXPECT_EQ(first_of(tree_of("((a))", ShellDialect::dash)).kind, Kind::subshell);
  EXPECT_EQ(first_of(tree_of("( (a) )")).kind, Kind::subshell);
}

TEST(ShellTree, HasListsPipesAndSigns) {
  const ShellList list = tree_of("a && ! b | c || d & e; f");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].signs, (std::vector<std::string>{"&&", "||"}));
  EXPECT_EQ(list[0].end, "&");
  EXPECT_TRUE(list[0].pipelines[1].is_negated);
  EXPECT_EQ(list[0].pipelines[1].commands.size(), 2U);
  EXPECT_EQ(first_of(tree_of("if a; then b; elif c; then d; else e; fi")).lists.size(), 5U);
  const ShellList choice = tree_of("case x in a|b) c;; *) d;; esac");
  EXPECT_EQ(first_of(choice).patterns.size(), 2U);
  EXPECT_EQ(first_of(choice).patterns[0].size(), 2U);
}

TEST(ShellTree, RefusesABracketBehindAWordAndDeepNesting) {
  std::string problem;
  tree_of("echo x (y)", ShellDialect::bash, &problem);
  EXPECT_EQ(problem, "a bracket follows a word");
  tree_of(std::string(100'000, '(').c_str(), ShellDialect::dash, &problem);
  EXPECT_EQ(problem, "is nested too deep");
}

}  // namespace
}  // namespace gonogo
