#include "daemon/formats/json_document.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(JsonDocument, IsBoundedInDepth) {
  EXPECT_EQ(parse_json(std::string(100'000, '[')).error(), "nests deeper than 64 levels");
  EXPECT_EQ(parse_json(std::string(65, '[') + std::string(65, ']')).error(),
            "nests deeper than 64 levels");
  EXPECT_TRUE(parse_json(std::string(64, '[') + std::string(64, ']')));
  EXPECT_EQ(parse_json(R"({"a":"[[[[[[[[[[\"["})")->size(), 1U) << "a text has no depth";
}

TEST(JsonDocument, WhatIsNoneIsShown) {
  EXPECT_EQ(parse_json("{\"a\":").error(), "is not JSON, got \"{\"a\":\"");
  for (const char* text : {"", " ", "{} {}", "nul", "'a'", "{a:1}"})
    EXPECT_FALSE(parse_json(text)) << text;
}

TEST(JsonDocument, MembersAreTakenOfWhateverItIs) {
  const nlohmann::json object{{"text", "x"}, {"number", 1.5}};
  EXPECT_EQ(text_of(member(object, "text")), "x");
  EXPECT_EQ(text_of(member(object, "number")), "");
  EXPECT_EQ(text_of(member(object, "absent")), "");
  EXPECT_EQ(number_of(member(object, "number"), 7), 1.5);
  EXPECT_EQ(number_of(member(object, "text"), 7), 7);
  EXPECT_TRUE(member(nlohmann::json::array({1}), "text").is_null());
}

// A number of another program may be beyond any that fits.
TEST(JsonDocument, AWholeNumberIsBounded) {
  constexpr std::int64_t bound = 1'000'000'000'000'000;
  const std::vector<std::pair<const char*, std::int64_t>> cases{
      {"0", 0},
      {"-7", -7},
      {"2.9", 2},
      {"12345678901234", 12'345'678'901'234},
      {"1e300", bound},
      {"-1e40", -bound},
      {"18446744073709551615", bound},
      {"null", -1},
      {"\"5\"", -1}};
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(whole_number_of(nlohmann::json::parse(text), -1), expected) << text;
}

}  // namespace
}  // namespace gonogo
