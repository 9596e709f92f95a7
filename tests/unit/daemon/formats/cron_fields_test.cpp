#include "daemon/formats/cron_fields.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(CrontabText, GoesBackAndCountsLines) {
  CrontabText text("a\nb c\n");
  EXPECT_EQ(text.get(), 'a');
  EXPECT_EQ(text.get(), '\n');
  EXPECT_EQ(text.place().line, 2);
  text.unget('\n');
  EXPECT_EQ(text.place().line, 1);
  std::string word;
  EXPECT_EQ(text.get_string(word, 10, "\n"), '\n');
  EXPECT_EQ(text.get_string(word, 2, " \n"), ' ');
  EXPECT_EQ(word, "b");
  EXPECT_EQ(text.get_string(word, 10, "\n"), '\n');
  EXPECT_EQ(text.get_string(word, 10, "\n"), CrontabText::end);
}

TEST(CrontabText, EndsATextAtANul) {
  CrontabText text(std::string_view("ab\0cd", 5));
  std::string word;
  EXPECT_EQ(text.get_string(word, 10, "\n"), 0);
  EXPECT_EQ(word, "ab");
}

TEST(CrontabText, SkipsEmptyLinesAndComments) {
  CrontabText text("\n  \n # a\n\tb\n");
  EXPECT_TRUE(text.skip_comments());
  EXPECT_EQ(text.get(), 'b');
  CrontabText comment("# 345678\n");
  EXPECT_FALSE(comment.skip_comments(5));
}

struct Row {
  const char* text;
  bool debian;
  bool cronie;
};

// The answers to whole tables are in crontab_test.cpp.
TEST(CronFields, AreReadAsEachProgramDoes) {
  for (const Row& row : {Row{"* * * * * x", true, true}, Row{"5x * * * * x", false, false},
                         Row{"5.5 * * * * x", true, false}, Row{"0~30 * * * * x", true, true},
                         Row{"~ * * * * x", false, true}, Row{"*/0 * * * * x", false, false},
                         Row{"@daily x", true, true}, Row{"@Daily x", false, false},
                         Row{"0 22-4 * * * x", true, true}, Row{"1/5 * * * * x", false, false}}) {
    for (const bool is_debian : {true, false}) {
      CrontabText text(row.text);
      CronFields fields;
      std::string problem;
      const auto flavour = is_debian ? CronFlavour::debian : CronFlavour::cronie;
      const int next = read_cron_fields(text, text.get(), flavour, fields, problem);
      const bool is_good = is_debian ? row.debian : row.cronie;
      EXPECT_EQ(problem.empty(), is_good) << row.text << " " << problem;
      EXPECT_EQ(next, is_good ? 'x' : CrontabText::end) << row.text;
    }
  }
}

TEST(CronFields, ShowNoSecret) {
  EXPECT_EQ(shown_word("99"), "\"99\"");
  EXPECT_EQ(shown_word("PW=secret"), "\"PW=...\"");
  EXPECT_LT(shown_word(std::string(100, 'x')).size(), 40U);
}

}  // namespace
}  // namespace gonogo
