// The table of Unicode 15 (table 3-7), and what Python 3.11's decoder says of the same bytes.
#include "daemon/core/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace gonogo {
namespace {

struct Case {
  std::string text;
  std::size_t valid;  // bytes from the beginning on
  bool is_begun;      // what follows them is the beginning of a character
};

const Case cases[] = {
    {"", 0, false},
    {"plain", 5, false},
    {std::string("a\0b", 3), 3, false},
    {"\x7f", 1, false},
    {"caf\xc3\xa9", 5, false},
    {"\xe2\x82\xac", 3, false},
    {"\xf0\x9f\x98\x80", 4, false},
    {"\xf4\x8f\xbf\xbf", 4, false},
    {"\xee\x80\x80\xef\xbf\xbf", 6, false},
    {"sixteen bytes in\xc3\xa9 and more of them", 35, false},
    {"\xe9", 0, true},
    {"caf\xe9 ok", 3, false},
    {"caf\xc3", 3, true},
    {"\xe2\x82", 0, true},
    {"\xf0\x9f\x98", 0, true},
    {"\x80", 0, false},
    {"\xff", 0, false},
    {"a\xc0\x80", 1, false},
    {"\xc1\xbf", 0, false},
    {"\xe0\x80\x80", 0, false},
    {"\xe0\x9f", 0, false},
    {"\xe0\xa0", 0, true},
    {"\xed\xa0\x80", 0, false},
    {"\xed\xa0", 0, false},
    {"\xf0\x8f\xbf\xbf", 0, false},
    {"\xf4\x90\x80\x80", 0, false},
    {"\xf5\x80\x80\x80", 0, false},
    {"12345678\xff", 8, false},
    {"\xc3\xa9\xc3", 2, true},
    {"\xc3(", 0, false},
};

TEST(Utf8, IsWhatTheStandardSays) {
  for (const Case& each : cases) {
    const std::size_t valid = valid_utf8_prefix(each.text);
    EXPECT_EQ(valid, each.valid) << testing::PrintToString(each.text);
    EXPECT_EQ(is_utf8(each.text), each.valid == each.text.size());
    EXPECT_EQ(is_begun_character(std::string_view(each.text).substr(valid)), each.is_begun)
        << testing::PrintToString(each.text);
  }
}

}  // namespace
}  // namespace gonogo
