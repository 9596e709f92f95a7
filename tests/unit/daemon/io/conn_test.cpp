#include "daemon/io/conn.h"

#include <gtest/gtest.h>

#include "tests/support/io_bench.h"
#include "tests/support/scripted_conn.h"

namespace gonogo {
namespace {

struct Case {
  const char* name;
  std::deque<std::string> replies;
  const char* seen;  // or the problem
  const char* rest;
};

class ReadUntil : public testing::TestWithParam<Case> {};

TEST_P(ReadUntil, GivesAllUpToTheEndAndKeepsTheRest) {
  IoBench bench;
  ScriptedConn conn(GetParam().replies);
  std::string rest;
  std::string seen;
  boost::asio::co_spawn(bench.loop, read_until(conn, "\r\n", 10, rest),
                        [&seen](std::exception_ptr error, std::string line) {
                          seen = error ? finding_of(error, Stage::response).summary : line;
                        });
  bench.clock.settle();
  EXPECT_EQ(seen, GetParam().seen);
  EXPECT_EQ(rest, GetParam().rest);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ReadUntil,
    testing::Values(
        Case{"Whole", {"one\r\n"}, "one\r\n", ""},
        Case{"InParts", {"on", "e\r", "\ntwo"}, "one\r\n", "two"},
        Case{"LongerThanTheBoundButEnded", {"0123456", "789abc\r\n"}, "0123456789abc\r\n", ""},
        Case{"Closed", {"abc"}, "connection closed after \"abc\"", ""},
        Case{"Silent", {}, "connection closed without a word", ""},
        Case{"WithoutEnd",
             {"0123456789"},
             "no end of line within 10 bytes, got \"0123456789\"",
             ""}),
    [](const auto& entry) { return std::string(entry.param.name); });

}  // namespace
}  // namespace gonogo
