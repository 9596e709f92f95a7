#include <gtest/gtest.h>

#include <random>

#include "daemon/core/judge.h"
#include "exporters/checklist_report.h"
#include "exporters/checklist_rows.h"
#include "tests/support/checklists.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

// In the title of a check, they make it be about each row of these tests.
constexpr const char* words_of_rows =
    "one two three four a x xx yy zz up outer other lead owner b script, in other words";

class ChecklistReportTest : public testing::Test {
 protected:
  Snapshot judged() const { return judge(list, records, board, now); }
  void use(std::vector<Check> checks) {
    list = checklist_of(std::move(checks));
    records = empty_records(*list, now);
  }
  void see(std::size_t index, Outcome outcome, const std::string& summary) {
    auto observation = std::make_shared<Observation>(*seen(outcome, now));
    observation->summary = summary;
    take(records[index], list->checks[index], observation);
  }
  static Check mapped(const std::string& id, const std::string& item,
                      const std::string& title = "") {
    Check check = probed_check(id);
    check.item = item;
    check.title = title.empty() ? words_of_rows : title;
    return check;
  }

  Now now{SteadyTime{1000h}, WallTime{std::chrono::sys_days{std::chrono::year{2026} / 4 / 5}}};
  std::shared_ptr<Checklist> list;
  std::vector<CheckRecord> records;
  Board board;
};

TEST_F(ChecklistReportTest, TicksABoxOnlyWhenEveryCheckOfItIsGood) {
  use({mapped("a", "1.1"), mapped("b", "1.1"), mapped("c", "1.2"),
       mapped("d", "", "By its  TEXT.")});
  for (std::size_t i = 0; i < 4; ++i) see(i, i == 1 ? Outcome::fail : Outcome::pass, "seen");
  const std::string report = checklist_report(
      "## 1 A\n- [x] two\n- [ ] one\n- [ ] `by` its text\n- [x] nobody\n", judged());
  EXPECT_NE(report.find("- [ ] two\n"), std::string::npos) << report;
  EXPECT_NE(report.find("- [x] one\n"), std::string::npos);
  EXPECT_NE(report.find("- [x] `by` its text\n"), std::string::npos);
  EXPECT_NE(report.find("- [ ] nobody\n  - *this row has no check*\n"), std::string::npos);
  EXPECT_NE(report.find("**NO-GO**"), std::string::npos);
  EXPECT_NE(report.find("blocks: 1.1 fail b"), std::string::npos) << report;
}

// Evidence stands in the item of its row, however that is written.
struct Placement {
  const char* name;
  const char* markdown;
  const char* report;
};
class PlacementTest : public ChecklistReportTest, public testing::WithParamInterface<Placement> {};

TEST_P(PlacementTest, OfEvidence) {
  use({mapped("a", "1.1"), mapped("rb", "RB.1")});
  see(0, Outcome::pass, "up");
  see(1, Outcome::pass, "up");
  const std::string report = checklist_report(GetParam().markdown, judged());
  EXPECT_EQ(report.substr(0, report.find("\n\n## Decision")), GetParam().report);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PlacementTest,
    testing::Values(Placement{"bullet", "# 1 A\n- [ ] x\n",
                              "# 1 A\n- [x] x\n  - *pass a: up; seen 2026-04-05T00:00:00Z*"},
                    Placement{"indented", "# 1 A\n  * [ ] x\n",
                              "# 1 A\n  * [x] x\n    - *pass a: up; seen 2026-04-05T00:00:00Z*"},
                    Placement{"numbered", "# 1 A\n12. [ ] x\n",
                              "# 1 A\n12. [x] x\n    - *pass a: up; seen 2026-04-05T00:00:00Z*"},
                    Placement{"quoted", "# 1 A\n> - [ ] x\n",
                              "# 1 A\n> - [x] x\n>   - *pass a: up; seen 2026-04-05T00:00:00Z*"},
                    Placement{"two_lines", "# 1 A\n- [X] x\n  y\n",
                              "# 1 A\n- [x] x\n  y\n  - *pass a: up; seen 2026-04-05T00:00:00Z*"},
                    Placement{"windows", "# 1 A\r\n- [ ] x\r\n",
                              "# 1 A\n- [x] x\n  - *pass a: up; seen 2026-04-05T00:00:00Z*"},
                    Placement{"no_line_end", "# 1 A\n- [ ] x",
                              "# 1 A\n- [x] x\n  - *pass a: up; seen 2026-04-05T00:00:00Z*"},
                    Placement{"step", "# Rollback\n1. x\n",
                              "# Rollback\n1. x\n   - *pass rb: up; seen 2026-04-05T00:00:00Z*"}),
    [](const auto& param) { return std::string(param.param.name); });

// Whatever somebody posts, it is read to its end.
TEST_F(ChecklistReportTest, ReadsAnything) {
  use({mapped("a", "1.1")});
  const Snapshot snapshot = judged();
  const std::string parts[] = {
      "- [ ] ", "# 1 ",     "\n",          "  ",           "\t",           "> ",
      "1. ",    "**",       "___",         "\xE2\x9C\x85", "\xE2\x9D\x8C", "`",
      "```\n",  "x",        ":",           "[x]",          "<b>",          "\r\n",
      "|",      "\xFF",     "GO criteria", "Rollback",     "|---|---|\n",  "| a | [ ] |\n",
      "<!--",   "-->",      "---\n",       "a: b\n",       "\u2610 ",      "4.1 ",
      "\\|",    "Sign-off", "\r",          "GO",           "\xEF\xBB\xBF", "1.1a"};
  std::mt19937 random(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    const std::size_t length = random() % 40;
    for (std::size_t i = 0; i < length; ++i) text += parts[random() % std::size(parts)];
    for (const ChecklistRow& row : parse_checklist(text).rows) EXPECT_FALSE(row.id.empty());
    EXPECT_NE(checklist_page(text, snapshot).find("Decision"), std::string::npos) << text;
  }
}

TEST_F(ChecklistReportTest, WhatATargetSaidIsNoMarkup) {
  use({mapped("a", "1.1")});
  see(0, Outcome::pass,
      "[x](javascript:alert(1)) <img src=x> `*_ https://evil.example www.evil.example "
      "a@evil.example "
      "\n- [x] forged");
  const std::string report = checklist_report("## 1 A\n- [ ] a\n", judged());
  EXPECT_EQ(report.find("\n- [x] forged"), std::string::npos) << report;
  const std::string page = checklist_page("## 1 A\n- [ ] a <script>alert(1)</script>\n", judged());
  EXPECT_EQ(page.find("<img"), std::string::npos) << page;
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("href="), std::string::npos) << page;
  EXPECT_NE(page.find("checked"), std::string::npos);
}

TEST_F(ChecklistReportTest, FillsSignaturesAndTheDecision) {
  Check lead = mapped("lead", "SIGN.1");
  lead.probe = nullptr;
  lead.signoff = SignoffRule{"lead", 7 * 24h, true, 1};
  use({lead});
  board.release = "v1.2";
  const std::string text = "## Sign-Off\n**Lead**: ______ Date: ______\n";
  EXPECT_NE(checklist_report(text, judged()).find("**Lead**: ______ Date: ______"),
            std::string::npos);
  board.signoffs.push_back({"lead", "A. Lead", "lead", "fine", "v1.2", now.wall});
  const std::string report = checklist_report(text, judged());
  EXPECT_NE(report.find("**Lead**: A. Lead Date: 2026-04-05T00:00:00Z"), std::string::npos)
      << report;
  EXPECT_NE(report.find("**GO** at 2026-04-05T00:00:00Z"), std::string::npos);
  EXPECT_NE(report.find("for release v1.2"), std::string::npos);
}

TEST_F(ChecklistReportTest, TicksARowByTheNumberThatIsWrittenInIt) {
  use({mapped("a", "4.4"), mapped("b", "4.5"), mapped("c", "4.3")});
  see(0, Outcome::pass, "four");
  see(1, Outcome::fail, "five");
  see(2, Outcome::pass, "three");
  const std::string report = checklist_report(
      "## 4 API\n- [ ] 4.1 ww\n- [ ] 4.2 xx\n- [ ] 4.4 yy\n- [ ] **4.5** zz\n", judged());
  EXPECT_NE(report.find("- [x] 4.4 yy\n  - *pass a: four"), std::string::npos) << report;
  EXPECT_NE(report.find("- [ ] **4.5** zz\n  - *fail b: five"), std::string::npos) << report;
  EXPECT_NE(report.find("- [ ] 4.2 xx\n  - *this row has no check*"), std::string::npos) << report;
  EXPECT_EQ(report.find("pass c: three"), std::string::npos) << report;
}

TEST_F(ChecklistReportTest, TicksNoRowThatHasTheNumberOfAnother) {
  use({mapped("a", "4.1")});
  see(0, Outcome::pass, "up");
  const std::string report = checklist_report("## 4 API\n- [ ] 4.1 xx\n- [x] 4.1 yy\n", judged());
  EXPECT_NE(report.find("- [x] 4.1 xx\n"), std::string::npos) << report;
  EXPECT_NE(report.find("- [ ] 4.1 yy\n"), std::string::npos) << report;
  EXPECT_NE(report.find("another row has the number 4.1"), std::string::npos) << report;
}

// Rows that are counted get other places when one is put between them.
TEST_F(ChecklistReportTest, TicksNoRowByWhatIsKnownOfAnother) {
  struct Case {
    const char* name;
    std::vector<std::array<const char*, 3>> checks;  // id, item, title: all are good
    const char* markdown;
    const char* checks_of_rows;  // the ids, by row
  };
  const std::array<const char*, 3> a{"send-email-customer-a", "checks.1",
                                     "Send email to customer A"};
  const std::array<const char*, 3> b{"send-email-customer-b", "checks.2",
                                     "Send email to customer B"};
  const Case cases[] = {
      {"as it was",
       {a, b},
       "# Checks\n- [ ] Send email to customer A\n- [ ] Send email to customer B\n",
       "send-email-customer-a, send-email-customer-b"},
      {"a row on top",
       {a, b},
       "# Checks\n- [ ] Money is safe\n- [ ] Send email to customer A\n- [ ] Send email to "
       "customer B\n",
       ", send-email-customer-a, send-email-customer-b"},
      {"a row that is like its neighbours",
       {a, b},
       "# Checks\n- [ ] Send email to customer A\n- [ ] Send email to customer C\n- [ ] Send email "
       "to customer B\n",
       "send-email-customer-a, , send-email-customer-b"},
      {"a row in the place of another",
       {a, b},
       "# Checks\n- [ ] Send email to customer A\n- [ ] Send email to customer C\n",
       "send-email-customer-a, "},
      {"rows that changed places",
       {a, b},
       "# Checks\n- [ ] Send email to customer B\n- [ ] Send email to customer A\n",
       "send-email-customer-b, send-email-customer-a"},
      {"its own words",
       {{"api", "4.1", "The API answers"}},
       "# 4 API\n- [ ] API answers within 1 s\n",
       "api"},
      {"other words", {{"api", "4.1", "The API answers"}}, "# 4 API\n- [ ] Money is safe\n", ""},
      {"no title",
       {{"api-liveness", "4.1", "api-liveness"}},
       "# 4 API\n- [ ] Liveness\n",
       "api-liveness"},
      {"no title, and a row on top",
       {{"api-liveness", "4.1", "api-liveness"}},
       "# 4 API\n- [ ] Money\n- [ ] Liveness\n",
       ", "},
      {"a number that is written",
       {{"api", "4.1", "The API answers"}},
       "# 4 API\n- [ ] 4.2 Queue\n- [ ] 4.1 Money is safe\n",
       ", api"},
      {"the same text in another section",
       {{"a", "staging.1", "Database is up"}},
       "# Staging\n- [ ] Database is up\n# Production\n- [ ] Database is up\n",
       "a, "},
      {"the section is gone",
       {{"a", "staging.1", "Database is up"}},
       "# Production\n- [ ] Database is up\n",
       ""},
      {"the row moved within its section",
       {{"a", "staging.1", "Database is up"}},
       "# Staging\n- [ ] Money\n- [ ] Database is up\n# Production\n- [ ] Database is up\n",
       ", a, "},
      {"by the text alone",
       {{"a", "", "Database is up"}},
       "# Staging\n- [ ] Database is up\n# Production\n- [ ] Database is up\n",
       "a, a"},
      {"the text as its item",
       {{"a", "Database is up", "DB"}},
       "# Staging\n- [ ] Database is up\n",
       "a"},
      {"a sign in the text",
       {{"b", "", "DEBUG = true"}, {"c", "", "23 replicas run"}},
       "# 1 A\n- [ ] `DEBUG` != `true`\n- [ ] 2/3 replicas run\n",
       ", "},
  };
  for (const Case& test : cases) {
    std::vector<Check> checks;
    for (const auto& [id, item, title] : test.checks) checks.push_back(mapped(id, item, title));
    use(checks);
    std::string seen;
    const auto rows = checks_of_rows(parse_checklist(test.markdown), *list);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      seen += i == 0 ? "" : ", ";
      for (const std::size_t check : rows[i]) seen += list->checks[check].id;
    }
    EXPECT_EQ(seen, test.checks_of_rows) << test.name;
  }
}

TEST_F(ChecklistReportTest, TicksARowOnlyWhenTheRowsWithinItAreTicked) {
  use({mapped("a", "1.1"), mapped("b", "1.1a"), mapped("c", "1.1b"), mapped("d", "1.2"),
       mapped("e", "1.2a")});
  for (std::size_t i = 0; i < 5; ++i) see(i, i == 2 ? Outcome::fail : Outcome::pass, "seen");
  const std::string report = checklist_report(
      "## 1 A\n- [x] outer\n  - [ ] one\n  - [x] two\n- [ ] other\n  - [ ] three\n- [ ] no check\n",
      judged());
  EXPECT_NE(report.find("- [ ] outer\n"), std::string::npos) << report;
  EXPECT_NE(report.find("*not ticked, as 1.1b is not*"), std::string::npos) << report;
  EXPECT_NE(report.find("  - [x] one\n"), std::string::npos) << report;
  EXPECT_NE(report.find("  - [ ] two\n"), std::string::npos) << report;
  EXPECT_NE(report.find("- [x] other\n"), std::string::npos) << report;
  EXPECT_NE(report.find("  - [x] three\n"), std::string::npos) << report;
}

TEST_F(ChecklistReportTest, FillsTables) {
  use({mapped("a", "1.1"), mapped("b", "1.2"), mapped("c", "1.3"), mapped("d", "1.4")});
  for (std::size_t i = 0; i < 4; ++i)
    see(i, i == 1 ? Outcome::fail : Outcome::pass, i == 1 ? "a | b" : "up");
  const std::string report = checklist_report(
      "## 1 A\n| Check | Owner | Done |\n|---|---|---|\n| one | Ada | [ ] |\n| two | Bo | \u2705 "
      "|\n"
      "| three | Cy | open |\n| four | Di ||\n| five | Ed | [x] |\n",
      judged());
  const std::string seen = "; seen 2026-04-05T00:00:00Z*";
  EXPECT_NE(report.find("| one \u2014 *pass a: up" + seen + " | Ada | [x] |\n"), std::string::npos)
      << report;
  EXPECT_NE(report.find("| two \u2014 *fail b: a \\| b" + seen + " | Bo | \u274C |\n"),
            std::string::npos)
      << report;
  EXPECT_NE(report.find("| three \u2014 *pass c: up" + seen + " | Cy | [x] |\n"), std::string::npos)
      << report;
  EXPECT_NE(report.find("| four \u2014 *pass d: up" + seen + " | Di | [x] |\n"), std::string::npos)
      << report;
  EXPECT_NE(report.find("| five \u2014 *this row has no check* | Ed | [ ] |\n"), std::string::npos)
      << report;
  // It is a table still, with as many rows.
  const std::string page = checklist_page(
      "## 1 A\n| Check | Done |\n|---|---|\n| one | [ ] |\n| two | [ ] |\n", judged());
  EXPECT_NE(page.find("<td>[x]</td>"), std::string::npos) << page;
  EXPECT_NE(page.find("a | b"), std::string::npos) << page;
}

TEST_F(ChecklistReportTest, FillsATableOfSignatures) {
  Check lead = mapped("lead", "SIGN.1");
  lead.probe = nullptr;
  lead.signoff = SignoffRule{"lead", 7 * 24h, false, 1};
  Check owner = lead;
  owner.id = "owner";
  owner.item = "SIGN.2";
  use({lead, owner});
  board.signoffs.push_back({"lead", "A. | Lead", "lead", "fine", "", now.wall});
  const std::string report = checklist_report(
      "## Sign-Off\n| Role | Name | Date |\n|---|---|---|\n| Lead | ___ | |\n| Owner | | |\n",
      judged());
  EXPECT_NE(report.find("| Lead | A. \\| Lead | 2026-04-05T00:00:00Z |\n"), std::string::npos)
      << report;
  EXPECT_NE(report.find("| Owner \u2014 *pending owner"), std::string::npos) << report;
}

TEST_F(ChecklistReportTest, FillsTheFieldsOfTheForm) {
  use({mapped("a", "1.1")});
  board.release = "v1.2";
  const std::string text =
      "## 1 A\n- [ ] a\n\n## Decision\n- [x] GO\n- [ ] NO-GO: do not ship\n\n**Version**: "
      "____\n\n**Decision Date**: ____\n\nDecision: ____\n\nNotes: ____\n";
  see(0, Outcome::fail, "down");
  const std::string bad = checklist_report(text, judged());
  EXPECT_NE(bad.find("- [ ] GO\n- [x] NO-GO: do not ship\n"), std::string::npos) << bad;
  EXPECT_NE(bad.find("**Version**: v1.2\n"), std::string::npos) << bad;
  EXPECT_NE(bad.find("**Decision Date**: 2026-04-05T00:00:00Z\n"), std::string::npos) << bad;
  EXPECT_NE(bad.find("Decision: NO-GO\n"), std::string::npos) << bad;
  EXPECT_NE(bad.find("Notes: ____\n"), std::string::npos) << bad;
  EXPECT_EQ(bad.find("rows without a check"), std::string::npos) << bad;
  use({mapped("a", "1.1")});
  see(0, Outcome::pass, "up");
  const std::string good = checklist_report(text, judged());
  EXPECT_NE(good.find("- [x] GO\n- [ ] NO-GO: do not ship\n"), std::string::npos) << good;
}

TEST_F(ChecklistReportTest, NamesLinesThatWereNotRead) {
  use({mapped("a", "1.1")});
  see(0, Outcome::pass, "up");
  const std::string report =
      checklist_report("## 1 A\n- [ ] a\n- [] b\n<!-- - [ ] hidden -->\n", judged());
  EXPECT_NE(report.find("- not read: line 3, \""), std::string::npos) << report;
  EXPECT_EQ(report.find("line 4"), std::string::npos) << report;
  EXPECT_NE(report.find("<!-- - [ ] hidden -->\n"), std::string::npos) << report;
}

TEST_F(ChecklistReportTest, ReplacesSigns) {
  use({mapped("a", "1.1"), mapped("b", "1.2"), mapped("c", "1.3")});
  for (std::size_t i = 0; i < 3; ++i) see(i, i == 1 ? Outcome::fail : Outcome::pass, "seen");
  const std::string report = checklist_report(
      "\xEF\xBB\xBF## 1 A\n- \u2610 one\n- **\u2705 two**\n\n\u2612 three\n", judged());
  EXPECT_NE(report.find("- \u2611 one\n  - *pass a"), std::string::npos) << report;
  EXPECT_NE(report.find("- **\u274C two**\n  - *fail b"), std::string::npos) << report;
  EXPECT_NE(report.find("\u2611 three  \n*pass c"), std::string::npos) << report;
}

// A line ends at a CR as well, which once was counted as no line.
TEST_F(ChecklistReportTest, ReadsOldLineEnds) {
  use({mapped("a", "GO.400")});
  see(0, Outcome::fail, "down");
  std::string text = "# GO criteria\r";
  for (int i = 0; i < 400; ++i) text += "\u2705 a\r";
  const std::string report = checklist_report(text, judged());
  EXPECT_NE(report.find("\u2705 a \u2014 **NOT MET**  \n*fail a: down"), std::string::npos)
      << report;
}

// Where a table follows a row at once, the evidence is no part of its first line.
TEST_F(ChecklistReportTest, KeepsATableBelowARow) {
  use({mapped("a", "1.1"), mapped("b", "1.2")});
  see(0, Outcome::pass, "up");
  see(1, Outcome::pass, "up");
  const std::string text = "## 1 A\n- [ ] one\n  | Check | Done |\n  |---|---|\n  | two | [ ] |\n";
  const std::string report = checklist_report(text, judged());
  const ChecklistDocument again = parse_checklist(report);
  ASSERT_EQ(again.rows.size(), 2U) << report;
  EXPECT_EQ(again.rows[1].place, ChecklistRow::Place::table) << report;
}

TEST_F(ChecklistReportTest, TellsOfTriggeredCriteria) {
  use({mapped("up", "NOGO.1"), mapped("down", "NOGO.2")});
  see(0, Outcome::pass, "up");
  see(1, Outcome::fail, "down");
  const std::string report = checklist_report(
      "## NO-GO Criteria\n\xE2\x9D\x8C **One**\n\xE2\x9D\x8C **Two**\n\xE2\x9D\x8C **Three**\n",
      judged());
  EXPECT_NE(report.find("**One** \xE2\x80\x94 **not triggered**"), std::string::npos) << report;
  EXPECT_NE(report.find("**Two** \xE2\x80\x94 **TRIGGERED**"), std::string::npos);
  EXPECT_NE(report.find("**Three** \xE2\x80\x94 **has no check**"), std::string::npos);
}

}  // namespace
}  // namespace gonogo
