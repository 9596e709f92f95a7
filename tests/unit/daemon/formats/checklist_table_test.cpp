#include "daemon/formats/checklist_table.h"

#include <gtest/gtest.h>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

std::vector<std::vector<TableCell>> cells(const std::vector<std::string>& lines) {
  std::vector<std::vector<TableCell>> all;
  for (const std::string& line : lines) all.push_back(cells_of(line, 0));
  return all;
}

std::string in_words(const std::vector<std::string>& lines, bool may_be_signed = false) {
  const auto table = read_table(cells(lines), may_be_signed);
  if (!table) return "none";
  if (table->is_doubtful) return "doubtful";
  std::string words = table->is_of_signatures ? "signatures:" : "";
  for (const auto& rows : table->lines) {
    words += "/";
    for (const TableRow& row : rows) {
      words += "<" + row.number + (row.number.empty() ? "" : " ") + row.text;
      if (!row.column.empty()) words += " @" + row.column;
      if (row.mark)
        words += " " + std::to_string(row.mark->offset) + "+" + std::to_string(row.mark->size);
      words += ">";
    }
  }
  return words;
}

TEST(ChecklistTable, DividesALineAtEachBarThatIsNotEscaped) {
  const struct {
    const char* line;
    const char* parts;
  } cases[] = {{"| a | b |", "a;b"},
               {"a | b", "a;b"},
               {"|a|b|", "a;b"},
               {"| a \\| b | c |", "a | b;c"},
               {"| `a | b` |", "`a;b`"},
               {"| a | | b", "a;;b"},
               {"||a|", ";a"},
               {"", ""},
               {"|", ""},
               {"| a | b |   ", "a;b"},
               {"a", "a"}};
  for (const auto& one : cases) {
    std::vector<std::string> parts;
    for (const TableCell& cell : cells_of(one.line, 0)) parts.push_back(cell.markdown);
    EXPECT_EQ(joined(parts, ";"), one.parts) << one.line;
  }
}

TEST(ChecklistTable, KnowsALineOfDashes) {
  for (const char* line : {"|---|---|", "--- | ---", "| :-: | -: |", "-|-", "---|"})
    EXPECT_TRUE(is_delimiter_row(line)) << line;
  for (const char* line : {"", "|", "| a |", "| == | == |", "|---||", "- a"})
    EXPECT_FALSE(is_delimiter_row(line)) << line;
}

TEST(ChecklistTable, ReadsMarksAndTexts) {
  EXPECT_EQ(in_words({"| Check | Owner | Done |", "| Queue is short | Ada | [ ] |"}),
            "/<Queue is short 26+1>");
  EXPECT_EQ(in_words({"| Owner | Check | Done |", "| Ada | Queue is short | \u2705 |"}),
            "/<Queue is short 25+3>");
  EXPECT_EQ(in_words({"| Done | Check |", "| \u274C failed | Queue is short |"}),
            "/<Queue is short 2+10>");
  EXPECT_EQ(in_words({"| Check | Owner |", "| [x] Queue is short | Ada |", "| Disk | Bo |"}),
            "/<Queue is short 3+1>/<Disk>");
  EXPECT_EQ(in_words({"Check | Done", "Queue is short | \u2610"}), "/<Queue is short 17+3>");
}

TEST(ChecklistTable, ReadsAColumnOfStatesInWhichNobodyMadeAMark) {
  EXPECT_EQ(in_words({"| Check | Done |", "| Queue |  |"}), "/<Queue 9+2>");
  EXPECT_EQ(in_words({"| Check | Status |", "| Queue | open |", "| Disk | Done |"}),
            "/<Queue 10+4>/<Disk 9+4>");
}

TEST(ChecklistTable, ReadsNumbers) {
  EXPECT_EQ(in_words({"| # | Check | Done |", "| 4.1 | Queue | [ ] |", "| 4.3 | Disk | [ ] |"}),
            "/<4.1 Queue 17+1>/<4.3 Disk 16+1>");
  EXPECT_EQ(in_words({"| ID | Check | Done |", "| DB-1 | Queue | [ ] |"}), "/<DB-1 Queue 18+1>");
  EXPECT_EQ(in_words({"| No | Check | Done |", "| 1 | Queue | [ ] |"}), "/<1 Queue 15+1>");
  // An amount is none.
  EXPECT_EQ(in_words({"| Check | Replicas | Done |", "| Queue | 3 | [ ] |"}), "/<Queue 15+1>");
  EXPECT_EQ(in_words({"| Port | Check | Done |", "| 443 | Caddy | [ ] |"}), "/<Caddy 17+1>");
}

TEST(ChecklistTable, HasARowForEachColumnOfMarks) {
  EXPECT_EQ(in_words({"| Check | Staging | Live |", "| Queue | [ ] | [x] |"}),
            "/<Queue @Staging 11+1><Queue @Live 17+1>");
}

TEST(ChecklistTable, ReadsSignatures) {
  EXPECT_EQ(in_words({"| Role | Name | Signature | Date |", "| Lead | | | |",
                      "| Owner | ___ | ___ | ___ |"}),
            "signatures:/<Lead>/<Owner>");
  EXPECT_EQ(in_words({"| Role | Name | Date |", "| Lead | | |"}, true), "signatures:/<Lead>");
  EXPECT_EQ(in_words({"| Role | Name | Date |", "| Lead | | |"}, false), "doubtful");
}

TEST(ChecklistTable, IsNoChecklistWithoutMarks) {
  EXPECT_EQ(in_words({"| Port | Service |", "| 443 | Caddy |"}), "none");
  EXPECT_EQ(in_words({"| Code | Status |", "| GET /x | 200 |"}), "none");
  EXPECT_EQ(in_words({"| Check | Done |"}), "none");
  EXPECT_EQ(in_words({"| Port | Notes |", "| 443 | |"}), "none");
  EXPECT_EQ(in_words({"| Port | Use |", "| 443 | - |"}), "none");
}

TEST(ChecklistTable, IsInDoubtWhereAColumnSeemsToSayHowRowsStand) {
  EXPECT_EQ(in_words({"| Check | Status |", "| Queue | In review |"}), "doubtful");
  EXPECT_EQ(in_words({"| Check | Done |", "| Queue | 2026-01-01 |"}), "doubtful");
  EXPECT_EQ(in_words({"| Was | Urteil |", "| Queue | |"}), "doubtful");
  EXPECT_EQ(in_words({"| Check | Status |", "| Queue | In review |", "| Disk | Done |"}),
            "/<Queue 10+9>/<Disk 9+4>");
}

// What stands behind a mark stays, unless it contradicts it.
TEST(ChecklistTable, ReplacesTheMarkOfACell) {
  EXPECT_EQ(in_words({"| Check | Done |", "| Mail | [x] Ada, 3 May |", "| Queue | [ ] |"}),
            "/<Mail 10+1>/<Queue 11+1>");
  EXPECT_EQ(in_words({"| Check | Done |", "| Mail | - [ ] |", "| Queue | [x] done |"}),
            "/<Mail 12+1>/<Queue 10+8>");
}

TEST(ChecklistTable, BeginsAboveALineOfAsManyDashes) {
  const auto found = [](const std::vector<std::string>& lines) {
    std::vector<bool> is_delimiter;
    for (const std::string& line : lines) is_delimiter.push_back(is_delimiter_row(line));
    return find_table(cells(lines), is_delimiter);
  };
  EXPECT_EQ(found({"| a | b |", "|---|---|"}), 0U);
  EXPECT_EQ(found({"text", "| a | b |", "|---|---|", "| c | d |"}), 1U);
  EXPECT_FALSE(found({"| a | b |", "|---|"}));
  EXPECT_FALSE(found({"| a | b |"}));
}

}  // namespace
}  // namespace gonogo
