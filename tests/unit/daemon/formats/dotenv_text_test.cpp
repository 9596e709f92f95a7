// The characters are those of Go 1.26.8's packages unicode and unicode/utf8.
#include "daemon/formats/dotenv_text.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

struct Character {
  std::string_view text;
  char32_t code;
  std::size_t size;
};

TEST(DotenvText, ReadsCharactersAndSingleBytes) {
  using namespace std::string_view_literals;
  for (const auto& [text, code, size] :
       {Character{"a"sv, 'a', 1}, Character{"\0"sv, 0, 1}, Character{"\xC3\xA9x"sv, 0xE9, 2},
        Character{"\xE2\x80\x83"sv, 0x2003, 3}, Character{"\xF0\x9F\x98\x80"sv, 0x1F600, 4},
        Character{"\xF4\x8F\xBF\xBF"sv, 0x10FFFF, 4}, Character{"\xF4\x90\x80\x80"sv, 0xFFFD, 1},
        Character{"\xC0\x80"sv, 0xFFFD, 1}, Character{"\xE0\x80\x80"sv, 0xFFFD, 1},
        Character{"\xED\xA0\x80"sv, 0xFFFD, 1}, Character{"\xF0\x80\x80\x80"sv, 0xFFFD, 1},
        Character{"\xE2\x80"sv, 0xFFFD, 1}, Character{"\x80"sv, 0xFFFD, 1},
        Character{"\xFF"sv, 0xFFFD, 1}}) {
    EXPECT_EQ(first_character(text).code, code) << text;
    EXPECT_EQ(first_character(text).size, size) << text;
  }
}

TEST(DotenvText, KnowsNamesAndBlanksOfAllScripts) {
  for (const char* in : {"a", "Z", "7", "_", ".", "-", "[", "]", "é", "ж", "名", "٣", "½", "ſ"})
    EXPECT_TRUE(is_in_name(in, first_character(in))) << in;
  for (const char* out : {"@", "+", " ", "€", "\xCC\x81", "\xFF", "\xEF\xBB\xBF", "😀"})
    EXPECT_FALSE(is_in_name(out, first_character(out))) << out;
  EXPECT_TRUE(is_line_blank(0xA0) && is_line_blank('\r') && is_any_blank(0x2003));
  EXPECT_FALSE(is_line_blank('\n') || is_line_blank(0x2003) || is_any_blank(0x200B));
  EXPECT_EQ(without_line_blanks(" \t\xC2\xA0\xE2\x80\x83x"), "\xE2\x80\x83x");
  EXPECT_EQ(without_end_blanks("x\xE2\x80\x83\n\xC2\xA0 "), "x");
  EXPECT_EQ(without_end_blanks("x\xA0"), "x\xA0");
  EXPECT_EQ(without_end_blanks(" \n"), "");
}

}  // namespace
}  // namespace gonogo
