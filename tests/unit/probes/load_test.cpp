#include "probes/load.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

TEST(Load, IsReadFromRealAndBrokenFiles) {
  EXPECT_EQ(parse_loadavg("0.52 1.50 2.25 1/234 5678\n")->at(1), 1.5);
  for (const char* text : {"", "a b c", "1.0 2.0", "-1 2 3"})
    EXPECT_FALSE(parse_loadavg(text)) << text;
}

TEST(Load, IsJudgedForEachCore) {
  Scratch scratch;
  ProbeBench bench;
  scratch.write("loadavg", "100.0 50.0 1.0 1/2 3\n");
  const auto run_check = [&](const std::string& options) {
    return bench.run("load", "{proc: " + scratch.path("") + ", " + options + "}");
  };
  EXPECT_EQ(run_check("over: 15m, max_per_core: 1").outcome, Outcome::pass);
  EXPECT_EQ(run_check("over: 1m, max_per_core: 0.01").outcome, Outcome::fail);
  EXPECT_EQ(run_check("warn_per_core: 0.01").outcome, Outcome::warn);
  scratch.write("loadavg", "nonsense");
  EXPECT_EQ(run_check("max_per_core: 1").reason, Reason::content);
}

}  // namespace
}  // namespace gonogo
