#include <gtest/gtest.h>

#include <random>

#include "daemon/core/judge.h"
#include "exporters/checklist_report.h"
#include "tests/support/checklists.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

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
    check.title = title.empty() ? id : title;
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
      "- [ ] ",       "# 1 ",    "\n",    "  ", "\t", "> ",  "1. ", "**",   "___", "\xE2\x9C\x85",
      "\xE2\x9D\x8C", "`",       "```\n", "x",  ":",  "[x]", "<b>", "\r\n", "|",   "\xFF",
      "GO criteria",  "Rollback"};
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
