#include "probes/command.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

std::string in_words(const std::vector<Value>& values) {
  std::string text;
  for (const Value& value : values)
    text += value.name + "=" + std::to_string(value.number) + value.unit + " ";
  return text;
}

TEST(PerformanceData, IsReadWithItsUnits) {
  const auto read = [](std::string_view text) {
    return in_words(parse_performance_data(text, 50));
  };
  EXPECT_EQ(read("time=0.5s;1;2;0;10 size=2KB;;;0"), "time=0.500000seconds size=2048.000000bytes ");
  EXPECT_EQ(read("'free space'=20% 'it''s'=3c"), "free space=20.000000percent it's=3.000000count ");
  EXPECT_EQ(read("rta=12.5ms;100;500;0; pl=0%;20;60;0;"),
            "rta=0.012500seconds pl=0.000000percent ");
  EXPECT_EQ(read("a=U b=1 c d=-1.5 e=1parsec =5 f"), "b=1.000000count d=-1.500000count ");
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("''='= = =;;;"), "");
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "v" + std::to_string(i) + "=1 ";
  EXPECT_EQ(parse_performance_data(many, 50).size(), 50U);
}

}  // namespace
}  // namespace gonogo
