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
  EXPECT_EQ(
      forms("Token-7_x.~"),
      (std::set<std::string>{"Token-7_x.~", "546f6b656e2d375f782e7e", "546F6B656E2D375F782E7E",
                             "Token\\u002D7_x.~", "Token\\\\u002D7_x.~"}));
}

TEST(EscapedForms, AreWhatTheEncodersWrite) {
  const std::set<std::string> found = forms("a/<\xc3\xa4'");
  for (const char* form :
       {R"(a\/<\u00e4')", R"(a/\u003C\u00E4\u0027)", "a/\\u003c\xc3\xa4'", "a/&lt;\xc3\xa4&#39;",
        "a%2F%3C%C3%A4'", "a/%3C%C3%A4%27", "a%2f%3c%c3%a4%27", "612f3cc3a427", "612F3CC3A427"})
    EXPECT_EQ(found.count(form), 1U) << form;
}

// Each written by the program itself: bash 5.2.15, Python 3.11, Perl 5.36, Node 18.
TEST(EscapedForms, AreWhatProgramsWriteForShellsAndOfThemselves) {
  const auto is_form = [](const char* form, std::string_view text) {
    return forms(text).count(form) == 1;
  };
  // printf %q
  EXPECT_TRUE(is_form(R"(x\ \!\"#\$%\&\'\(\)\*+\,-./:\;\<=\>\?@\[\\\]\^_\`\{\|\}~)",
                      "x !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"));
  EXPECT_TRUE(is_form(R"(\#a#~)", "#a#~"));
  EXPECT_TRUE(is_form(R"(\~a)", "~a"));
  EXPECT_TRUE(is_form(R"(a\'\303\244)", "a'\xc3\xa4"));
  // shlex.quote, repr of bytes, ascii
  EXPECT_TRUE(is_form(R"(a'"'"'b)", "a'b"));
  EXPECT_TRUE(is_form(R"(a\'"\xc3\xa4)", "a'\"\xc3\xa4"));
  EXPECT_TRUE(is_form(R"(\xe4\'"\\)", "\xc3\xa4'\"\\"));
  EXPECT_TRUE(is_form(R"(\u20ac\')", "\xe2\x82\xac'"));
  // xmlcharrefreplace, alone and after html.escape
  EXPECT_TRUE(is_form("&#228;&<", "\xc3\xa4&<"));
  EXPECT_TRUE(is_form("&#228;&amp;&lt;", "\xc3\xa4&<"));
  EXPECT_TRUE(is_form("&#8364;&#128512;", "\xe2\x82\xac\xf0\x9f\x98\x80"));
  // Data::Dumper with Useqq
  EXPECT_TRUE(is_form(R"(a\303\244\@\$x\"<)", "a\xc3\xa4@$x\"<"));
  // JSON in JSON
  EXPECT_TRUE(is_form(R"(a\\\"\\\\/\\u00e4<)", "a\"\\/\xc3\xa4<"));
  EXPECT_TRUE(is_form("a\\\\\\\"\\\\\\\\\xc3\xa4", "a\"\\\xc3\xa4"));
  // JavaScript
  EXPECT_TRUE(is_form(R"(a\x26\x3cb)", "a&<b"));
  EXPECT_TRUE(is_form(R"(a\x26\x3Cb)", "a&<b"));
}

// Each written by the program itself: nginx 1.22.1, Python 3.11 (csv, yaml, urllib), SQLite,
// PostgreSQL 15, Node 18, Go.
TEST(EscapedForms, AreWhatLogsTablesAndNestedEncodersHold) {
  const std::string_view text = "a\"b'c\\d<e&f/g \xc3\xa4+";
  const std::set<std::string> found = forms(text);
  for (const char* form : {
           R"(a\x22b'c\x5Cd<e&f/g \xC3\xA4+)",                           // nginx, log_format
           "a\"b''c\\d<e&f/g \xc3\xa4+",                                 // SQL, YAML
           "a\"b''c\\\\d<e&f/g \xc3\xa4+",                               // PostgreSQL, E'...'
           "a\"\"b'c\\d<e&f/g \xc3\xa4+",                                // CSV
           "a\\\"\"b'c\\\\d<e&f/g \xc3\xa4+",                            // JSON in CSV
           R"(a\"b'c\\d<e&f/g \xE4+)",                                   // YAML in double quotes
           "a%2522b%2527c%255Cd%253Ce%2526f%252Fg%2520%25C3%25A4%252B",  // quote, twice
           "a%2522b%2527c%255Cd%253Ce%2526f/g%2520%25C3%25A4%252B",      // with "/"
           "a%2522b%2527c%255Cd%253Ce%2526f%252Fg%2B%25C3%25A4%252B",    // quote_plus
           "a%2522b'c%255Cd%253Ce%2526f%252Fg%2520%25C3%25A4%252B",      // encodeURIComponent
           "a%2522b'c%255Cd%253Ce&f/g%2520%25C3%25A4+",                  // encodeURI
           "a\\&#34;b&#39;c\\\\d\\u003ce\\u0026f/g \xc3\xa4+",           // Go: JSON in HTML
           "a\\&#34;b&#39;c\\\\d\\u003ce\\u0026f/g \xc3\xa4&#43;",       // html/template
           "a\\&quot;b&#x27;c\\\\d&lt;e&amp;f/g \\u00e4+",               // Python: JSON in HTML
       })
    EXPECT_EQ(found.count(form), 1U) << form;
  EXPECT_EQ(forms("a\x7f\t~b").count(R"(a\x7F\x09~b)"), 1U) << "nginx";
  // The control: nginx leaves what PHP and JavaScript write by number.
  EXPECT_EQ(found.count(R"(a\x22b\x27c\x5Cd<e&f/g \xC3\xA4+)"), 0U);
}

// Random secrets as they are generated: letters, digits, and any printable.
TEST(EscapedForms, AreABoundedNumber) {
  EXPECT_LE(forms("Token-7_x.~").size(), 5U);
  EXPECT_LE(forms("c2VjcmV0LXNlY3JldA/+==").size(), 40U);
  EXPECT_LE(forms("a\"b'c\\d<e&f/g \xc3\xa4+=-;`%!#$()*,:?@").size(), 200U);
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
