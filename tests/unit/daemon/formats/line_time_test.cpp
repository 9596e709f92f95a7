// Lines as logback, log4j, Python 3.11, Go, nginx 1.22, Apache 2.4, Caddy 2.6, pino, bunyan and
// journald write them; the moments by date(1) of coreutils 9.1.
#include "daemon/formats/line_time.h"

#include <gtest/gtest.h>

#include <string>

namespace gonogo {
namespace {

constexpr std::int64_t moment = 1'796'069'915;  // 2026-11-30 20:18:35 UTC
constexpr std::int64_t anywhere = moment + 12 * 3600;
constexpr std::int64_t none = 0;

struct Case {
  const char* line;
  std::int64_t latest;
};

const Case cases[] = {
    {"2026-11-30T20:18:35Z error", moment},
    {"2026-11-30T20:18:35.123456Z error", moment},
    {"2026-11-30T21:18:35+01:00 error", moment},
    {"2026-11-30T21:18:35+0100 error", moment},
    {"2026-11-30T21:18:35.123+0100 error", moment},
    {"2026-11-30 15:18:35 -0500 error", moment},
    {"2026-11-30 20:18:35.123 UTC [123] ERROR:  relation", moment},
    {"[2026-11-30T20:18:35Z] error", moment},
    {"[2026-11-30 20:18:35 +0000] [12] [INFO] Booting worker", moment},
    {"\"2026-11-30T20:18:35Z\" error", moment},
    {"2026-11-30 20:18:35,123 ERROR payment", anywhere},
    {"2026-11-30 20:18:35 ERROR payment", anywhere},
    {"2026-11-30 20:18:35.123 [main] ERROR payment", anywhere},
    {"2026-11-30T20:18:35 error", anywhere},
    {"2026/11/30 20:18:35 [error] 12#12: *1 open() failed", anywhere},
    {"2026/11/30 20:18:35.123456 main.go:3: error", anywhere},
    {"2026-11-30 20:18:35 -12 degrees", anywhere},
    {"2026-11-30 20:18:35 +1234 items", anywhere},
    {"192.0.2.1 - - [30/Nov/2026:20:18:35 +0000] \"GET / HTTP/1.1\" 200 5", moment},
    {"::1 - ada [30/Nov/2026:22:18:35 +0200] \"GET / HTTP/1.1\" 200 5", moment},
    {R"({"level":"error","ts":1796069914.327,"msg":"x"})", moment},
    {R"({"level":50,"time":1796069915000,"msg":"x"})", moment},
    {R"({"time":"2026-11-30T20:18:35.1Z","msg":"x"})", moment},
    {R"({"@timestamp":"2026-11-30T20:18:35.123+00:00","message":"x"})", moment},
    {R"({"timestamp":"2026-11-30 20:18:35,123"})", anywhere},
    {"[Mon Nov 30 20:18:35.123456 2026] [core:error] [pid 1] x", anywhere},
    {"[Mon Nov 30 20:18:35 2026] [error] x", anywhere},
    {"Mon Nov 30 20:18:35 2026 daemon.notice app: x", anywhere},
    {"time=2026-11-30T20:18:35Z level=error", moment},
    {"time=\"2026-11-30T21:18:35+01:00\" level=error", moment},
    {"ts=2026-11-30T20:18:35.123Z caller=main.go:1 level=error", moment},
    {"ts=1796069914.327 level=error", moment},
    {"level=error ts=2026-11-30T20:18:35.123Z caller=main.go:1", moment},
    {"INFO 2026-11-30T20:18:35Z x", moment},
    {"ERROR  2026-11-30 20:18:35,123 x", anywhere},
    {"[info] 2026/11/30 20:18:35 x", anywhere},
    {"[WARN] [2026-11-30T20:18:35Z] x", moment},
    {"WARNING: 2026-11-30T20:18:35Z x", moment},
    {R"({"t":"2026-11-30T20:18:35Z"})", moment},
    {R"({"t":{"$date":"2026-11-30T20:18:35.123+00:00"},"s":"E"})", moment},
    {R"({"date":"2026-11-30T20:18:35Z"})", moment},
    {R"({"asctime":"2026-11-30 20:18:35,123"})", anywhere},
    {R"({"Timestamp":"2026-11-30T20:18:35Z"})", moment},
    {R"({"eventTime":"2026-11-30T20:18:35Z"})", moment},
    {R"({"ts":1796069914327000})", moment},
    {R"({"ts":1796069914327000000})", moment},
    {R"({"ts":"1796069914.327"})", moment},
    {R"({"time":"1796069915000"})", moment},
    // What says nothing of when the line was written.
    {"Mon Nov 31 20:18:35 2026 x", none},
    {"backup of 2026-11-30T20:18:35Z failed", none},
    {"info about 2026-11-30T20:18:35Z", none},
    {"time=5s for 2026-11-30T20:18:35Z", none},
    {"endtime=2026-11-30T20:18:35Z", none},
    {"level=error for=2026-11-30T20:18:35Z", none},
    {"E1130 20:18:35.123456 1 main.go:1] no year", none},
    {R"({"t":5})", none},
    {R"({"date":"1796069915 parcels"})", none},
    {"", none},
    {"ERROR payment", none},
    {"ERROR backup of 2026-11-30T20:18:35Z failed", none},
    {"    at com.example.Pay(Pay.java:12)", none},
    {"Nov 30 20:18:35 host app[1]: no year", none},
    {"2026-11-30 error", none},
    {"2026-13-30T20:18:35Z error", none},
    {"2026-11-31T20:18:35Z error", none},
    {"2026-11-30T25:18:35Z error", none},
    {"1796069915 error", none},
    {"192.0.2.1 - - [30/Nix/2026:20:18:35 +0000] x", none},
    {"192.0.2.1 - - [30/anF/2026:20:18:35 +0000] x", none},
    {R"({"job":{"time":"2020-01-01T00:00:00Z"},"msg":"x"})", none},
    {R"({"time":5,"msg":"after five seconds"})", none},
    {R"({"time":"5 seconds"})", none},
    {R"({"time":1796069915)", none},
};

TEST(LineTime, IsTheOneThatTheLineBeginsWith) {
  for (const Case& each : cases) {
    const auto time = time_of_line(each.line);
    EXPECT_EQ(time.has_value(), each.latest != none) << each.line;
    if (!time) continue;
    EXPECT_EQ(time->latest, each.latest) << each.line;
    EXPECT_EQ(time->has_zone, each.latest == moment) << each.line;
  }
}

TEST(LineTime, WithoutAYearIsTheLatestThatIsNotToCome) {
  const auto time = [](const char* line, std::int64_t now) {
    const auto found = time_of_line(line, now);
    return found && !found->has_zone ? found->latest : none;
  };
  for (const char* line : {"Nov 30 20:18:35 host app[1]: x", "<13>Nov 30 20:18:35 host app: x",
                           "Nov 30 20:18:35.123 host x", "E1130 20:18:35.123456 1 main.go:1] x"}) {
    EXPECT_EQ(time(line, moment + 60), anywhere) << line;
    EXPECT_EQ(time(line, moment + 300 * 86400), anywhere) << line;
    EXPECT_EQ(time(line, moment - 5 * 3600), anywhere) << line << " of a clock ahead of UTC";
    EXPECT_EQ(time(line, moment - 2 * 86400), anywhere - 365 * 86400) << line;
    EXPECT_EQ(time(line, 0), none) << line;
  }
  EXPECT_EQ(time("Nov  3 20:18:35 host x", moment), anywhere - 27 * 86400);
  EXPECT_EQ(time("Feb 29 20:18:35 host x", moment), 1'709'237'915 + 12 * 3600) << "of 2024";
  for (const char* line : {"Nix 30 20:18:35 host x", "Nov 31 20:18:35 host x", "Nov 30 host x",
                           "on Nov 30 20:18:35 host x", "E1330 20:18:35.123456 1 x", "E1130 x"})
    EXPECT_EQ(time(line, moment), none) << line;
}

TEST(LineTime, WithoutAZoneIsAlsoReadAsUtc) {
  EXPECT_EQ(time_of_line("2026-11-30 20:18:35 x")->utc, moment);
  EXPECT_EQ(time_of_line("2026-11-30T21:18:35+01:00 x")->utc, moment);
}

TEST(LineTime, IsNotLookedForFarBehind) {
  EXPECT_FALSE(time_of_line("x " + std::string(100'000, 'y') + "[30/Nov/2026:20:18:35 +0000]"));
}

}  // namespace
}  // namespace gonogo
