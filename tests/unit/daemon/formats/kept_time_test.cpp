#include "daemon/formats/kept_time.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

const Now then{SteadyTime{1000h}, WallTime{24h * 20'000}};

TEST(KeptTime, AgesByTheBootClockWithinOneBoot) {
  const auto kept = kept_time(then.steady - 5min, then);
  for (const Duration step : {Duration{0}, Duration{3h}, Duration{-3h}}) {
    const Now now{then.steady + 10min,
                  then.wall + std::chrono::duration_cast<std::chrono::microseconds>(10min + step)};
    EXPECT_EQ(recalled_time(kept, true, now), now.steady - 15min) << to_words(step);
  }
}

TEST(KeptTime, AgesByTheWallClockAcrossABoot) {
  const auto kept = kept_time(then.steady - 5min, then);
  const Now now{SteadyTime{20s}, then.wall + 10min};
  EXPECT_EQ(recalled_time(kept, false, now), now.steady - 15min);
}

TEST(KeptTime, IsNeverLaterThanNow) {
  const auto kept = kept_time(then.steady, then);
  const Now set_back{SteadyTime{20s}, then.wall - 1h};
  EXPECT_EQ(recalled_time(kept, false, set_back), set_back.steady);
  const Now earlier{then.steady - 1h, then.wall};
  EXPECT_EQ(recalled_time(kept, true, earlier), earlier.steady);
}

TEST(KeptTime, ATextOfAnotherKindIsRefused) {
  for (const char* text : {"null", "7", "[]", "[1]", R"(["a","b"])", "{}"}) {
    EXPECT_THROW(recalled_time(nlohmann::json::parse(text), false, then), nlohmann::json::exception)
        << text;
  }
}

}  // namespace
}  // namespace gonogo
