#include "daemon/formats/checklist_ids.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

TEST(ChecklistIds, NameASectionByNumberMeaningOrWords) {
  const struct {
    const char* heading;
    const char* id;
  } cases[] = {{"4.2 API Health", "4.2"},
               {"GO Criteria (all must be true)", "GO"},
               {"NO-GO Criteria", "NOGO"},
               {"Sign-Off", "SIGN"},
               {"Post-Deployment", "POST"},
               {"Rollback Procedure", "RB"},
               {"Before launch!", "before-launch"},
               {"", "list"},
               {"\U0001F680 \u2705", "list"},
               {"\u041f\u0440\u043e\u0432\u0435\u0440\u043a\u0438 1",
                "\u041f\u0440\u043e\u0432\u0435\u0440\u043a\u0438-1"},
               {"\u041f\u0440\u043e\u0432\u0435\u0440\u043a\u0438",
                "\u041f\u0440\u043e\u0432\u0435\u0440\u043a\u0438"},
               {"\u4e0a\u7ebf \u68c0\u67e5", "\u4e0a\u7ebf-\u68c0\u67e5"},
               {"---", "list"}};
  for (const auto& one : cases) EXPECT_EQ(id_of_section(one.heading), one.id) << one.heading;
}

TEST(ChecklistIds, CutLongWordsOfAnotherScriptBetweenCharacters) {
  std::string heading;
  for (int i = 0; i < 30; ++i) heading += "\u4e0a";
  const std::string id = id_of_section(heading);
  EXPECT_EQ(id, heading.substr(0, 39));
}

ChecklistDocument numbered(std::vector<ChecklistRow> rows, const std::string& heading) {
  ChecklistDocument document;
  document.rows = std::move(rows);
  name_sections(document, {heading});
  number_rows(document);
  return document;
}

ChecklistRow row(const std::string& text, std::optional<std::size_t> parent = std::nullopt) {
  ChecklistRow made;
  made.text = text;
  made.parent = parent;
  return made;
}

std::string ids_of(const ChecklistDocument& document) {
  std::string ids;
  for (const ChecklistRow& one : document.rows) ids += one.id + "=" + one.text + " ";
  return ids;
}

TEST(ChecklistIds, AreTheNumbersThatAreWritten) {
  EXPECT_EQ(ids_of(numbered({row("4.1 a"), row("4.2 bb"), row("4.4 c"), row("4.5 dd")}, "4 API")),
            "4.1=a 4.2=bb 4.4=c 4.5=dd ");
  EXPECT_EQ(ids_of(numbered({row("4.5 dd"), row("4.1 a")}, "4 API")), "4.5=dd 4.1=a ");
}

TEST(ChecklistIds, CountPastNumbersThatAreWritten) {
  EXPECT_EQ(ids_of(numbered({row("a"), row("4.2 bb"), row("c"), row("4.4 dd"), row("e")}, "4 API")),
            "4.1=a 4.2=bb 4.3=c 4.4=dd 4.5=e ");
  EXPECT_EQ(ids_of(numbered({row("a"), row("4.1 bb")}, "4 API")), "4.2=a 4.1=bb ");
  EXPECT_EQ(ids_of(numbered({row("a"), row("b", 0), row("4.1a c")}, "4 API")),
            "4.1=a 4.1b=b 4.1a=c ");
}

TEST(ChecklistIds, AreGivenOnce) {
  const ChecklistDocument document = numbered({row("4.1 a"), row("4.1 bb"), row("c")}, "4 API");
  EXPECT_EQ(ids_of(document), "4.1=a 4.1-2=bb 4.2=c ");
  EXPECT_FALSE(document.rows[0].repeats_number);
  EXPECT_TRUE(document.rows[1].repeats_number);
}

TEST(ChecklistIds, CountWithinTheSectionOrTheOuterRow) {
  EXPECT_EQ(ids_of(numbered({row("1. a"), row("3. b"), row("c")}, "4 API")), "4.1=a 4.3=b 4.4=c ");
  EXPECT_EQ(ids_of(numbered({row("4.2 a"), row("1. b", 0), row("c", 0), row("d", 2)}, "4 API")),
            "4.2=a 4.2.1=b 4.2a=c 4.2b=d ");
}

TEST(ChecklistIds, AreNoAmounts) {
  EXPECT_EQ(ids_of(numbered({row("3 replicas"), row("2.5 GiB free")}, "2 Disk")),
            "2.1=3 replicas 2.2=2.5 GiB free ");
}

}  // namespace
}  // namespace gonogo
