#include "daemon/formats/shell_flow.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

// Notes the words of what runs; "good" and "bad" return so, and "end" ends the shell.
class Recorder : public ShellFlow {
 public:
  explicit Recorder(ShellWork& work) : ShellFlow(work) {}

  std::string run(const char* line) {
    std::string problem;
    const auto tokens = shell_tokens(line, problem);
    run_list(shell_tree(*tokens, ShellDialect::bash, problem));
    return seen_;
  }

 private:
  ShellResult run_simple(const ShellCommand& command) override {
    const std::string& word = command.words.at(0).text;
    if (!is_live()) return ShellResult::unknown;
    seen_ += (seen_.empty() ? "" : " ") + word;
    if (state_.functions.contains(word)) return call(word);
    if (word == "end") end_shell(ShellResult::good);
    if (word == "good") return ShellResult::good;
    return word == "bad" ? ShellResult::bad : ShellResult::unknown;
  }
  void run_substitutions(std::span<const ShellToken>) override {}
  bool refuses(std::span<const ShellToken>) override { return false; }

  std::string seen_;
};

TEST(ShellFlow, RunsWhatTheSyntaxLetsRun) {
  for (const auto& [line, seen] : std::initializer_list<std::pair<const char*, const char*>>{
           {"a; b & c", "a b c"},
           {"good && a || b", "good a b"},
           {"bad && a || b", "bad b"},
           {"a && b", "a b"},
           {"a && bad && b", "a bad"},
           {"! good && a", "good"},
           {"good | bad && a", "good bad"},
           {"(bad) && a", "bad"},
           {"if good; then a; else b; fi; c", "good a c"},
           {"if bad; then a; elif good; then b; else c; fi", "bad good b"},
           {"if x; then a; else b; fi", "x a b"},
           {"while bad; do a; done; b", "bad b"},
           {"until good; do a; done; b", "good b"},
           {"for i in; do a; done; b", "b"},
           {"for i in 1; do end; done; b", "end"},
           {"for i in $X; do end; done; b", "end b"},
           {"case x in y) a;; x) b;; *) c;; esac", "b"},
           {"case $X in y) a;; *) c;; esac", "a c"},
           {"f() { a; }; b; f", "b f a"},
           {"f() { a; }", ""},
           {"f() { end; }; f; a", "f end"},
           {"end; a", "end"},
           {"(end; a); b", "end b"},
           {"{ end; }; a", "end"},
           {"a && end; b", "a end b"},
           {"good && end; b", "good end"},
           {"end | a", "end a"},
           {"if x; then end; fi; a", "x end a"},
           {"if x; then end; else end; fi; a", "x end end"}}) {
    ShellWork work;
    EXPECT_EQ(Recorder(work).run(line), seen) << line;
  }
}

TEST(ShellFlow, WritesTheWholeLineDown) {
  ShellWork work;
  Recorder(work).run("if good; then (end) | f; fi");
  EXPECT_EQ(work.all, "if ; then ( ) | ; fi");
}

TEST(ShellFlow, IsBoundedInCalls) {
  ShellWork work;
  const std::string seen = Recorder(work).run("f() { f; }; f");
  EXPECT_LT(seen.size(), 100U);
}

}  // namespace
}  // namespace gonogo
