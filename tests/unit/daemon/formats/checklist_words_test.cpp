#include "daemon/formats/checklist_words.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(ComparableText, IsTheSameWhateverTheMarkup) {
  const char* const same[][2] = {{"By its  TEXT.", "`by` its text"},
                                 {"20+ chars", "20 chars"},
                                 {"4\u00A0GB", "4 GB"},
                                 {"\u2714\uFE0F done", "\u2714 done"},
                                 {"A, B; (C)!", "a b c"},
                                 {"`A`=`b`", "A = b"},
                                 {"re-try", "retry"},
                                 {"yes / no", "yes no"},
                                 {"a: b", "a b"}};
  for (const auto& [one, other] : same) EXPECT_EQ(comparable(one), comparable(other)) << one;
}

TEST(ComparableText, DiffersWhereASignSaysSomethingElse) {
  const char* const different[][2] = {{"p95 < 1.5 s", "p95 < 15 s"},
                                      {"Errors < 5", "Errors > 5"},
                                      {"Errors >= 5", "Errors > 5"},
                                      {"DEBUG != true", "DEBUG = true"},
                                      {"!DEBUG is set", "DEBUG is set"},
                                      {"2/3 replicas run", "23 replicas run"},
                                      {"offset is -5", "offset is 5"},
                                      {"5-10 workers", "510 workers"},
                                      {"lag below 5 %", "lag below 5"},
                                      {"load below .5", "load below 5"},
                                      {"ports 80 443", "ports 80443"},
                                      {"2*3 nodes", "23 nodes"},
                                      {"2^3 nodes", "23 nodes"},
                                      {"$5 a day", "5 a day"},
                                      {"/srv/a/b is there", "/srv/ab is there"},
                                      {"a@b answers", "ab answers"},
                                      {"A & B are up", "A | B are up"},
                                      {"\u2265 5", "\u2264 5"},
                                      {"is not used", "is used"}};
  for (const auto& [one, other] : different)
    EXPECT_NE(comparable(one), comparable(other)) << one << " and " << other;
}

std::vector<std::string> ids_of(const std::vector<TextToName>& texts) {
  return ids_of_texts(texts, "row", {"prober"});
}

TEST(IdsOfTexts, AreTheWordsWhereTheySayItAll) {
  const std::vector<std::string> ids =
      ids_of({{"The queue is short", ""}, {"`Disk`", ""}, {"\u00DCbung l\u00E4uft", ""}});
  EXPECT_EQ(ids, (std::vector<std::string>{"queue-short", "disk", "uebung-laeuft"}));
}

// What an id meant before another text came, or in the place of the first, it means for ever.
TEST(IdsOfTexts, NeverComeToMeanAnotherText) {
  const char* const texts[] = {"Send test email to customer",
                               "Send test email to customer A",
                               "Send test email to customer B",
                               "Send test email to customer C",
                               "DEBUG = true",
                               "DEBUG != true",
                               "lag below 5 %",
                               "lag below 5",
                               "offset -5",
                               "offset 5",
                               "Disk \u043e\u0434\u0438\u043d",
                               "Disk \u0434\u0432\u0430",
                               "aVeryLongWordThatGoesOnAndOnForEverAndEver1",
                               "aVeryLongWordThatGoesOnAndOnForEverAndEver2",
                               "The disk",
                               "Backup to disk",
                               "Backup of disk",
                               "Backup disk",
                               "Disk or tape",
                               "prober"};
  std::set<std::string> ids;
  for (const char* text : texts) ids.insert(ids_of({{text, ""}}).front());
  EXPECT_EQ(ids.size(), std::size(texts));
  EXPECT_FALSE(ids.contains("prober"));
}

TEST(IdsOfTexts, StayWhenOtherTextsComeBetween) {
  const TextToName a{"Send test email to customer A", "Checks"};
  const TextToName b{"Send test email to customer B", "Checks"};
  const TextToName c{"Send test email to customer C", "Checks"};
  const std::vector<std::string> before = ids_of({a, b});
  const std::vector<std::string> after = ids_of({{"Money is safe", "Checks"}, b, c, a});
  EXPECT_EQ(before[0], after[3]);
  EXPECT_EQ(before[1], after[1]);
  EXPECT_NE(before[1], after[2]);
}

TEST(IdsOfTexts, OfTheSameTextGoByItsPlace) {
  const std::vector<std::string> ids =
      ids_of({{"Disk", "API"}, {"Disk", "Web"}, {"Disk", "Web"}, {"A disk", "API"}});
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 4U);
  const std::vector<std::string> again = ids_of({{"Disk", "Web"}, {"Disk", "API"}});
  EXPECT_EQ(again[0], ids[1]);
  EXPECT_EQ(again[1], ids[0]);
  for (const std::string& id : ids) EXPECT_TRUE(id.starts_with("disk-")) << id;
}

TEST(IdsOfTexts, AreKnownAgain) {
  EXPECT_TRUE(is_id_of_text("queue-short", "The queue is short"));
  EXPECT_TRUE(is_id_of_text("queue-short-2", "The queue is short"));
  EXPECT_TRUE(is_id_of_text("send-test-email-customer-0af3c", "Send test email to customer A"));
  EXPECT_FALSE(is_id_of_text("queue", "The queue is short"));
  EXPECT_FALSE(is_id_of_text("queue-shorter", "The queue is short"));
}

TEST(WordsOfAText, AreFoundByHowTheyBegin) {
  EXPECT_TRUE(has_word_of("Certificates", "the certificate is valid"));
  EXPECT_TRUE(has_word_of("\u0414\u0438\u0441\u043a", "\u0414\u0438\u0441\u043a ok"));
  EXPECT_FALSE(has_word_of("The queue is short", "the money is safe"));
  EXPECT_FALSE(has_word_of("the queue is short", "the disk is full"));
  EXPECT_TRUE(has_word_of("it is of", "it and that"));
  EXPECT_FALSE(has_word_of("", ""));
}

}  // namespace
}  // namespace gonogo
