#include "daemon/io/json_reading.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/io_bench.h"

namespace gonogo {
namespace {

using Read = tl::expected<nlohmann::json, std::string>;

TEST(JsonReading, LeavesALargeTextToThePool) {
  const std::string start = R"({"a":")";
  for (const std::size_t size : {65'536UL, 65'537UL}) {
    IoBench bench;
    const std::string text = start + std::string(size - start.size() - 2, 'x') + "\"}";
    const auto read = bench.start<Read>(read_json(text, bench.resources));
    EXPECT_EQ(bench.pool.counts().workers, size == 65'536UL ? 0U : 1U);
    while (!*read) {
      bench.loop.restart();
      bench.loop.run_one();
    }
    EXPECT_EQ((*read)->value()["a"].get<std::string>().size(), size - 8);
  }
}

TEST(JsonReading, SaysWhatIsWrongInBothWays) {
  for (const std::size_t size : {10UL, 100'000UL}) {
    IoBench bench;
    const auto read = bench.start<Read>(read_json(std::string(size, '{'), bench.resources));
    while (!*read) {
      bench.loop.restart();
      bench.loop.run_one();
    }
    EXPECT_FALSE(**read);
    EXPECT_NE((*read)->error(), "");
  }
}

}  // namespace
}  // namespace gonogo
