#include "daemon/store/decision_replay.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr Duration century = std::chrono::hours{24 * 36'525};

std::optional<Duration> validity_of(const std::string& microseconds) {
  DecisionReplay replay;
  const std::string rule = R"({"valid_for":)" + microseconds + R"(,"per_release":false})";
  replay.take({1,
               WallTime{},
               "configuration",
               "gonogo",
               R"({"digest":"d1","signoffs":{"drill":)" + rule + "}}",
               {}});
  return replay.decisions().signoff_ends.at("drill").valid_for;
}

TEST(DecisionReplayTest, AValidityThatIsTooLongForTheClockDoesNotWrapAround) {
  EXPECT_EQ(validity_of("86400000000"), 24h);
  EXPECT_EQ(validity_of("0"), std::nullopt);
  EXPECT_EQ(validity_of("9223372036854776"), century) << "2^63 nanoseconds: 292 years";
  EXPECT_EQ(validity_of(std::to_string(INT64_MAX)), century);
  EXPECT_EQ(validity_of("-9223372036854776"), -century);
}

std::optional<Deployment> deployment_with(const std::string& key, const std::string& seconds) {
  Deployment deployment;
  deployment.watch = 30min;
  deployment.watched = 271674ms;
  std::string record = to_json(deployment);
  const std::size_t place = record.find("\"" + key + "\":") + key.size() + 3;
  const std::size_t end = record.find_first_of(",}", place);
  return deployment_from_json(record.replace(place, end - place, seconds));
}

TEST(DecisionReplayTest, SpansOfADeployAreBounded) {
  EXPECT_EQ(deployment_with("watch_seconds", "60")->watch, 1min);
  EXPECT_EQ(deployment_with("watch_seconds", "60")->watched, 271674ms);
  EXPECT_EQ(deployment_with("watch_seconds", "1e300")->watch, century);
  EXPECT_EQ(deployment_with("watched_seconds", "1e300")->watched, century);
  EXPECT_EQ(deployment_with("watched_seconds", "-1e300")->watched, -century);
  EXPECT_EQ(deployment_with("paused_seconds", "1e18")->paused, century);
  EXPECT_FALSE(deployment_with("paused_seconds", "\"long\"").has_value());
}

}  // namespace
}  // namespace gonogo
