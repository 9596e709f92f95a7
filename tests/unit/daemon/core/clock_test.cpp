#include "daemon/core/clock.h"

#include <gtest/gtest.h>

#include "tests/support/fake_clock.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

TEST(Timer, MayOutliveItsClock) {
  boost::asio::io_context loop;
  Timer left;
  {
    FakeClock clock(loop);
    left = clock.call_at(clock.now() + 1s, [] { FAIL(); });
  }
  left.cancel();
}

// As a run that nobody ends does: its deadline is kept by the clock.
TEST(Timer, MayBeHeldByACallOfItsClock) {
  boost::asio::io_context loop;
  auto held = std::make_shared<Timer>();
  const std::weak_ptr<Timer> witness = held;
  {
    FakeClock clock(loop);
    *held = clock.call_at(clock.now() + 1s, [held] { FAIL(); });
    held.reset();
    EXPECT_FALSE(witness.expired());
  }
  EXPECT_TRUE(witness.expired());
}

TEST(Timer, TakesItsCallBackWhereverItWasMoved) {
  boost::asio::io_context loop;
  FakeClock clock(loop);
  int calls = 0;
  const auto count = [&calls] { ++calls; };
  Timer kept = clock.call_at(clock.now() + 1s, count);
  Timer moved = std::move(kept);
  { const Timer gone = clock.call_at(clock.now() + 1s, count); }
  Timer replaced = clock.call_at(clock.now() + 1s, count);
  replaced = clock.call_at(clock.now() + 2s, count);
  clock.advance(1s);
  EXPECT_EQ(calls, 1);
  clock.advance(1s);
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace gonogo
