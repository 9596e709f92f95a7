#include "daemon/formats/json_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace gonogo {
namespace {

TEST(JsonText, IsOneLineAndAlwaysUtf8) {
  EXPECT_EQ(to_json_text(nlohmann::json{{"b", 1}, {"a", "x\ny"}}), R"({"a":"x\ny","b":1})");
  EXPECT_EQ(to_json_text(nlohmann::ordered_json{{"b", 1}, {"a", 2}}), R"({"b":1,"a":2})");
  EXPECT_EQ(to_json_text(nlohmann::json("\xff")), "\"\xef\xbf\xbd\"");
  EXPECT_EQ(to_json_text(nlohmann::json(nullptr)), "null");
}

}  // namespace
}  // namespace gonogo
