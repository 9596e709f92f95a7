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
    // What says nothing of when the line was written.
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

TEST(LineTime, IsNotLookedForFarBehind) {
  EXPECT_FALSE(time_of_line("x " + std::string(100'000, 'y') + "[30/Nov/2026:20:18:35 +0000]"));
}

}  // namespace
}  // namespace gonogo
