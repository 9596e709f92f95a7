#include "daemon/io/parts.h"

#include <gtest/gtest.h>

#include "daemon/core/io_error.h"
#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Parts, EachHasItsResultInTheOrderOfTheParts) {
  IoBench bench;
  std::vector<Part<int>> parts;
  parts.emplace_back([](Attempt&) { return give(1); });
  parts.emplace_back([](Attempt& attempt) {
    return break_at(attempt, Stage::connect, IoError(Reason::connect, "refused"));
  });
  parts.emplace_back([](Attempt&) { return give(3); });

  const auto results =
      bench.start(run_parts<int>(bench.resources, bench.clock.now() + 2s, std::move(parts)));

  ASSERT_TRUE(results->has_value());
  ASSERT_EQ((*results)->size(), 3U);
  EXPECT_EQ((*results)->at(0).answer, 1);
  EXPECT_FALSE((*results)->at(1).answer);
  EXPECT_THROW(std::rethrow_exception((*results)->at(1).error), IoError);
  EXPECT_EQ((*results)->at(1).stage, Stage::connect);
  EXPECT_FALSE((*results)->at(1).is_late);
  EXPECT_EQ((*results)->at(2).answer, 3);
}

TEST(Parts, NoPartsEndAtOnce) {
  IoBench bench;
  const auto results = bench.start(run_parts<int>(bench.resources, bench.clock.now() + 2s, {}));
  ASSERT_TRUE(results->has_value());
  EXPECT_TRUE((*results)->empty());
}

TEST(Parts, APartThatHasNotEndedByTheDeadlineIsCancelledAndLate) {
  IoBench bench;
  std::vector<Part<int>> parts;
  parts.emplace_back([](Attempt&) { return give(1); });
  parts.emplace_back([&bench](Attempt& attempt) { return bench.hang(attempt, Stage::response); });
  const auto results =
      bench.start(run_parts<int>(bench.resources, bench.clock.now() + 2s, std::move(parts)));
  EXPECT_FALSE(results->has_value());

  bench.clock.advance(2s);

  ASSERT_TRUE(results->has_value());
  EXPECT_EQ((*results)->at(0).answer, 1);
  EXPECT_TRUE((*results)->at(1).is_late);
  EXPECT_TRUE((*results)->at(1).error);
  EXPECT_EQ((*results)->at(1).stage, Stage::response);
  EXPECT_EQ((*results)->at(1).took, 2s);
}

boost::asio::awaitable<int> wait_for_parts(IoBench& bench, std::shared_ptr<int> kept) {
  std::vector<Part<int>> parts;
  parts.emplace_back([](Attempt&) { return give(1); });
  parts.emplace_back([&bench](Attempt& attempt) { return bench.hang(attempt, Stage::read); });
  auto running = run_parts<int>(bench.resources, bench.clock.now() + 2s, std::move(parts));
  co_await std::move(running);
  co_return *kept;
}

TEST(Parts, AreDroppedWithTheirLoopAndWhoWaitsForThemAsWell) {
  std::weak_ptr<int> held;
  {
    IoBench bench;
    const auto kept = std::make_shared<int>(1);
    held = kept;
    bench.start(wait_for_parts(bench, kept));
  }
  EXPECT_TRUE(held.expired());
}

TEST(Parts, AreCancelledWithTheRun) {
  IoBench bench;
  std::vector<Part<int>> parts;
  parts.emplace_back([&bench](Attempt& attempt) { return bench.hang(attempt, Stage::response); });
  const auto results =
      bench.start(run_parts<int>(bench.resources, bench.clock.now() + 2s, std::move(parts)));

  bench.cancel.emit(boost::asio::cancellation_type::terminal);
  bench.clock.settle();

  ASSERT_TRUE(results->has_value());
  EXPECT_TRUE((*results)->at(0).error);
  EXPECT_FALSE((*results)->at(0).is_late);
}

}  // namespace
}  // namespace gonogo
