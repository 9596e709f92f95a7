#include "probes/shared/text_source.h"

#include <gtest/gtest.h>

#include "tests/support/scratch.h"

namespace gonogo {
namespace {

// null comes before every number.
TEST(TextSource, IsNotWhatABoundSaysOfWhatIsNotThere) {
  ProbeBench bench;
  Scratch scratch;
  const auto run = [&](const char* content) {
    const std::string path = scratch.write("state", content);
    Observation seen = bench.run("version", "{json: " + path +
                                                ", jq: 'if .n < 5 then \"v1\" else \"v2\" end', "
                                                "is: v1}");
    if (const std::size_t at = seen.summary.find("state: "); at != std::string::npos)
      seen.summary.erase(0, at + 7);
    return seen;
  };
  const Observation seen = run("{}");
  EXPECT_EQ(seen.outcome, Outcome::fail);
  EXPECT_EQ(seen.reason, Reason::json);
  EXPECT_EQ(seen.summary, ".n is null, wanted < 5");
  // The control.
  EXPECT_EQ(run(R"({"n":3})").outcome, Outcome::pass);
  EXPECT_EQ(run(R"({"n":7})").outcome, Outcome::fail);
}

}  // namespace
}  // namespace gonogo
