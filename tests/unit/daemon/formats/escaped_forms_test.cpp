#include "daemon/formats/escaped_forms.h"

#include <gtest/gtest.h>

#include <set>

namespace gonogo {
namespace {

std::set<std::string> forms(std::string_view text) {
  const std::vector<std::string> all = escaped_forms(text);
  return {all.begin(), all.end()};
}

TEST(EscapedForms, AreFewForATextOfLettersAndDigits) {
  EXPECT_EQ(forms("Token-7_x.~"),
            (std::set<std::string>{"Token-7_x.~", "546f6b656e2d375f782e7e",
                                   "546F6B656E2D375F782E7E", "Token\\u002D7_x.~"}));
}

TEST(EscapedForms, AreWhatTheEncodersWrite) {
  const std::set<std::string> found = forms("a/<\xc3\xa4'");
  for (const char* form :
       {R"(a\/<\u00e4')", R"(a/\u003C\u00E4\u0027)", "a/\\u003c\xc3\xa4'", "a/&lt;\xc3\xa4&#39;",
        "a%2F%3C%C3%A4'", "a/%3C%C3%A4%27", "a%2f%3c%c3%a4%27", "612f3cc3a427", "612F3CC3A427"})
    EXPECT_EQ(found.count(form), 1U) << form;
}

// A pair of surrogates, and bytes that are no UTF-8.
TEST(EscapedForms, AreMadeOfAnyBytes) {
  EXPECT_EQ(forms("\xf0\x9f\x98\x80").count(R"(\ud83d\ude00)"), 1U);
  EXPECT_EQ(forms("\xf0\x9f\x98\x80").count(R"(\uD83D\uDE00)"), 1U);
  EXPECT_EQ(forms(std::string("a\xff\0\\", 4)).count("61ff005c"), 1U);
  EXPECT_EQ(forms("\\\"\\").count(R"(\\\"\\)"), 1U);
}

}  // namespace
}  // namespace gonogo
