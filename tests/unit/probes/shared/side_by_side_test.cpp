#include "probes/shared/side_by_side.h"

#include <gtest/gtest.h>

#include "daemon/core/io_error.h"
#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(SideBySide, EachPartHasItsAnswerOrItsFailure) {
  IoBench bench;
  std::vector<Part<int>> parts;
  parts.emplace_back([](Attempt&) { return give(1); });
  parts.emplace_back([](Attempt& attempt) {
    return break_at(attempt, Stage::connect, IoError(Reason::connect, "refused"));
  });
  parts.emplace_back([](Attempt& attempt) {
    return break_at(attempt, Stage::read, IoError::cannot_judge(Reason::prober, "no workers"));
  });
  parts.emplace_back([&bench](Attempt& attempt) { return bench.hang(attempt, Stage::connect); });
  const auto ends =
      bench.start(side_by_side<int>(bench.resources, bench.clock.now() + 2s, std::move(parts)));

  bench.clock.advance(2s);

  ASSERT_TRUE(ends->has_value());
  EXPECT_EQ((*ends)->at(0).answer, 1);
  EXPECT_EQ((*ends)->at(1).failure.outcome, Outcome::fail);
  EXPECT_EQ((*ends)->at(1).failure.summary, "refused");
  EXPECT_EQ((*ends)->at(2).failure.outcome, Outcome::unknown);
  EXPECT_EQ((*ends)->at(2).failure.reason, Reason::prober);
  EXPECT_EQ((*ends)->at(3).failure.outcome, Outcome::fail);
  EXPECT_EQ((*ends)->at(3).failure.reason, Reason::timeout);
  EXPECT_EQ((*ends)->at(3).failure.summary, "no answer within 2s at connect");
}

TEST(SideBySide, ATenthOfTheTimeLeftIsKeptForTheRun) {
  IoBench bench;
  const Attempt attempt(bench.clock, bench.clock.now() + 10s);
  EXPECT_EQ(deadline_of_parts(attempt), bench.clock.now() + 9s);
}

}  // namespace
}  // namespace gonogo
