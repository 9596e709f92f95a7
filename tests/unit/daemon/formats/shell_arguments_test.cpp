// env of coreutils 9.1, su and runuser of util-linux 2.38.1 (Debian 12) were asked.
#include "daemon/formats/shell_arguments.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

std::vector<ShellToken> words_of(const char* line) {
  std::string problem;
  return *shell_tokens(line, problem);
}
std::string joined_texts(const std::vector<ShellToken>& words) {
  std::string text;
  for (const ShellToken& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

TEST(ShellArguments, OfEnvEndInAProgram) {
  for (const auto& [line, program] : std::initializer_list<std::pair<const char*, const char*>>{
           {"-i -u X -C / A=b x y", "x y"},
           {"-S 'x y' z", "x y z"},
           {"-iS 'A=1 x'", "x"},
           {"-vS'-u A x'", "x"},
           {"--split-string='x y' z", "x y z"},
           {"--split-string x z", "x z"},
           {"-uS x", "x"},
           {"-- A=1 x", "x"},
           {"A=1 -- x", "-- x"},
           {"-S", ""}}) {
    EXPECT_EQ(joined_texts(env_call(words_of(line)).program), program) << line;
  }
}

TEST(ShellArguments, OfSuAreLinesOrAScript) {
  for (const auto& [line, lines, rest] :
       std::initializer_list<std::tuple<const char*, const char*, const char*>>{
           {"root x", "", "x"},
           {"- root x", "", "x"},
           {"root -s /bin/sh x", "", "x"},
           {"-c'x y' root", "x y", ""},
           {"-lc x root", "x", ""},
           {"root --session-command=x", "x", ""},
           {"-w A root --command x", "x", ""},
           {"root -c -- x", "--", "x"},
           {"root -- -c x", "", "-c x"}}) {
    const SuCall call = su_call(words_of(line), false);
    EXPECT_EQ(call.lines.empty() ? "" : call.lines[0], lines) << line;
    EXPECT_EQ(joined_texts(call.rest), rest) << line;
    EXPECT_FALSE(call.is_program) << line;
  }
}

TEST(ShellArguments, OfRunuserAreAProgramWithUser) {
  for (const char* line : {"-u root x", "-uroot x", "--user=root x", "--user=root -- x",
                           "-u root -g root x", "--user root -- x"}) {
    const SuCall call = su_call(words_of(line), true);
    EXPECT_TRUE(call.is_program && !call.is_refused) << line;
    EXPECT_EQ(joined_texts(call.rest), "x") << line;
  }
  EXPECT_TRUE(su_call(words_of("-u root x -c y"), true).is_refused)
      << "its options may stand behind the program, and these two exclude each other";
  EXPECT_FALSE(su_call(words_of("-u root -- x -c y"), true).is_refused);
}

TEST(ShellArguments, HaveTheEntrypoint) {
  EXPECT_EQ(entrypoint_of(words_of("run --rm --entrypoint x img"))->text, "x");
  EXPECT_EQ(entrypoint_of(words_of("run --entrypoint=x"))->text, "x");
  EXPECT_FALSE(entrypoint_of(words_of("run --rm")).has_value());
}

}  // namespace
}  // namespace gonogo
