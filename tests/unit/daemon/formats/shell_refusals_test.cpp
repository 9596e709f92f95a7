// shell_work.txt has the shells' own answers; these are the words.
#include "daemon/formats/shell_refusals.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

std::string stop_of(const char* line, ShellDialect dialect = ShellDialect::dash) {
  return shell_work(line, {.dialect = dialect,
                           .sh = ShellDialect::dash,
                           .exists = [](const std::string&) { return std::optional(false); },
                           .is_set = [](const std::string&) { return false; },
                           .has_usual_path = true})
      .stop;
}

TEST(ShellRefusals, SayWhereDashStopsAndWhy) {
  for (const auto& [line, words] : std::initializer_list<std::pair<const char*, const char*>>{
           {"set -euo pipefail; x", "dash stops at \"set\", because it has no option \"pipefail\""},
           {"export -f x; x", "dash stops at \"export\", because it has no option \"-f\""},
           {"shift; x", "dash stops at \"shift\", because it has no arguments to shift"},
           {". /missing; x", "dash stops at \".\", because it finds no \"/missing\""},
           {". .env; x", "dash stops at \".\", because it finds no \".env\" in its PATH"},
           {"x ${X^^}", "dash stops at \"${X...}\", which it does not know (bash does)"},
           {"x >& log",
            "dash stops at \">& log\", which it takes for the number of a descriptor (write \"> "
            "file 2>&1\")"},
           {": ${X:?m}; x", "the shell stops at \"${X:?...}\", because X is not set"}}) {
    EXPECT_EQ(stop_of(line), words) << line;
  }
}

TEST(ShellRefusals, AreNoneOfWhatIsKnown) {
  for (const char* line : {"set -eu; x", "set -o nounset; x", "x 2>&1 >&2 <&-", "x ${X:-y} ${#X}",
                           "export X=1; x", "(shift); x", "X=1; : ${X:?m}", ". ./env; x",
                           ". $HOME/env; x", "PATH=/opt; . env; x", "read X; : ${X:?m}"}) {
    if (std::string_view(line) != "(shift); x") {
      EXPECT_EQ(stop_of(line), "") << line;
    }
    EXPECT_EQ(stop_of(line, ShellDialect::bash), "") << line;
  }
}

TEST(ShellRefusals, KnowWhatOnlyBashHas) {
  EXPECT_TRUE(is_missing_in_dash("source"));
  EXPECT_TRUE(is_missing_in_dash("[["));
  EXPECT_FALSE(is_missing_in_dash("["));
  EXPECT_TRUE(is_option_of_dash("errexit"));
  EXPECT_FALSE(is_option_of_dash("pipefail"));
}

}  // namespace
}  // namespace gonogo
