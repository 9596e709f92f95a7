#include "daemon/formats/checklist_mark.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(ChecklistMark, IsFoundInFrontOfAText) {
  using Style = ChecklistMark::Style;
  const struct {
    const char* text;
    Style style;
    std::size_t size;
  } cases[] = {{"[ ] a", Style::square, 3},    {"[X] a", Style::square, 3},
               {"\u2610 a", Style::ballot, 3}, {"\u2611\uFE0F a", Style::ballot, 6},
               {"\u2612", Style::ballot, 3},   {"\u2705 a", Style::sign, 3},
               {"\u274C", Style::sign, 3},     {"\u2714\uFE0F", Style::sign, 6},
               {":x: a", Style::name, 3},      {":white_check_mark:", Style::name, 18}};
  for (const auto& one : cases) {
    const auto mark = mark_at_front(one.text);
    ASSERT_TRUE(mark) << one.text;
    EXPECT_EQ(mark->style, one.style) << one.text;
    EXPECT_EQ(mark->size, one.size) << one.text;
    // What is written in its place is a mark again.
    for (const bool is_ticked : {true, false}) {
      if (one.style == Style::square) continue;
      EXPECT_TRUE(mark_at_front(to_text(one.style, is_ticked))) << one.text;
    }
  }
  for (const char* text : {"a", "", "[a]", "[", "a [ ]", ":smile:", "\u2728 a"})
    EXPECT_FALSE(mark_at_front(text)) << text;
}

TEST(ChecklistMark, IsAloneWithAWordOfState) {
  for (const char* text : {"[ ]", "\u2705", "\u2705 Done", "[x] done.", "\u274C failed", ":x:"})
    EXPECT_TRUE(is_mark_alone(text)) << text;
  for (const char* text : {"[ ] Queue is short", "Done", "", "\u2705 Done by Ada"})
    EXPECT_FALSE(is_mark_alone(text)) << text;
}

TEST(ChecklistMark, IsMissingWhereALineOnlyLooksLikeARow) {
  for (const char* text : {"[ ] a",
                           "[] a",
                           "- [] a",
                           "[ x ] a",
                           "[x ] a",
                           "[-] a",
                           "[~] a",
                           "[ ]a",
                           "\u2022 [ ] a",
                           "4.1 [ ] a",
                           "1) [x] a",
                           "| a | Ada | [ ] |",
                           "a | [ ]",
                           "Queue is short [ ]",
                           "a \u2610",
                           "| \u2705 | a |",
                           "- \u2705 a",
                           "# [ ] a",
                           "[ ] \u041f\u0440\u0430\u0432\u0434\u0430",
                           "[\u2713] a",
                           "[ ]: a"})
    EXPECT_TRUE(looks_like_row(text)) << text;
  for (const char* text :
       {"", "a", "[ ]", "[link](https://x.example)", "[x](u) a", "array[0] is set", "see [1]",
        "\u2705 means done", "Deployed \u2705", "| a | b |", "a[] is empty", "[a] b", "`",
        "x = [] or y", "10.0.0.1 answers"})
    EXPECT_FALSE(looks_like_row(text)) << text;
}

}  // namespace
}  // namespace gonogo
