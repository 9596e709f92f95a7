#include "daemon/formats/checklist.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

std::string ids_of(const std::string& markdown) {
  std::string ids;
  for (const ChecklistRow& row : parse_checklist(markdown).rows)
    ids += (ids.empty() ? "" : " ") + row.id + "=" + row.text;
  return ids;
}

struct Case {
  const char* name;
  const char* markdown;
  const char* ids;
};
class ChecklistDocumentTest : public testing::TestWithParam<Case> {};

TEST_P(ChecklistDocumentTest, HasARowForEachBoxLineAndSignature) {
  EXPECT_EQ(ids_of(GetParam().markdown), GetParam().ids);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChecklistDocumentTest,
    testing::Values(
        Case{"sections",
             "### 1. Infra\n#### 1.1 Server\n- [ ] a\n- [x] b\n#### 1.2 Disk\n- [ ] c\n",
             "1.1.1=a 1.1.2=b 1.2.1=c"},
        Case{"nested", "# 4.2 API\n- [ ] up\n  - [ ] db\n  - [ ] jobs\n- [ ] docs\n",
             "4.2.1=up 4.2.1a=db 4.2.1b=jobs 4.2.2=docs"},
        Case{"bullets", "## 3 A\n* [ ] star\n+ [ ] plus\n1. [ ] one\n",
             "3.1=star 3.2=plus 3.3=one"},
        Case{"code_is_none", "## 1 A\n```\n- [ ] no\n```\n\n    - [ ] nor this\n\n- [ ] `yes`\n",
             "1.1=yes"},
        Case{"markup", "## 1 A\n- [ ] **bold** [link](https://x.example) `code`\n",
             "1.1=bold link code"},
        Case{"no_number", "## Before launch\n- [ ] a\n- [ ] b\n",
             "before-launch.1=a before-launch.2=b"},
        Case{"criteria",
             "### GO Criteria (all)\n\xE2\x9C\x85 **Infra**: up\n\xE2\x9C\x85 **Db**: up\n\n### "
             "NO-GO "
             "Criteria\n\xE2\x9D\x8C **Down**\n",
             "GO.1=Infra: up GO.2=Db: up NOGO.1=Down"},
        Case{"signatures", "## Sign-Off\n**Lead**: ____ Date: ____\n\n**Owner**: ____\n",
             "SIGN.1=Lead SIGN.2=Owner"},
        Case{
            "rollback",
            "## Rollback Procedure\n1. Check `x`\n2. Roll back:\n   ```\n   git\n   ```\n3. Tell\n",
            "RB.1=Check x RB.2=Roll back: RB.3=Tell"},
        Case{"numbered_lists_elsewhere", "## 1 Steps\n1. not a row\n", ""},
        Case{"two_lines", "## 1 A\n- [ ] first\n  second\n- [ ] next\n",
             "1.1=first second 1.2=next"},
        Case{"html_is_text", "## 1 A\n- [ ] <script>alert(1)</script>\n",
             "1.1=<script>alert(1)</script>"},
        Case{"empty", "", ""}),
    [](const auto& param) { return std::string(param.param.name); });

INSTANTIATE_TEST_SUITE_P(
    AsPeopleWriteThem, ChecklistDocumentTest,
    testing::Values(
        Case{"numbers",
             "## 4 API\n- [ ] **4.1** up\n- [ ] 4.2. fast\n- [ ] 4.4: in use\n- [ ] 4.5 At ease\n",
             "4.1=up 4.2=fast 4.4=in use 4.5=At ease"},
        Case{"numbers_of_three_parts", "## 4 API\n- [ ] 4.2.1 a\n- [ ] 4.2.3 b\n",
             "4.2.1=a 4.2.3=b"},
        Case{"amounts", "## 2 Disk\n- [ ] 3 replicas\n- [ ] 2.5 GiB free\n",
             "2.1=3 replicas 2.2=2.5 GiB free"},
        Case{"numbered_nested", "## 4 API\n- [ ] 4.2 all\n  - [ ] 4.2.1 b\n  - [ ] c\n",
             "4.2=all 4.2.1=b 4.2a=c"},
        Case{"tables",
             "## 4 Ops\n| Check | Owner | Done |\n|---|---|---|\n| Queue is short | Ada | [ ] |\n"
             "| Disk | Bo | \u2705 |\n- [ ] next\n",
             "4.1=Queue is short 4.2=Disk 4.3=next"},
        Case{"a_table_without_outer_bars",
             "## 4 Ops\nCheck | Done\n--- | ---\nQueue | \u2610\nDisk | \u2612\n",
             "4.1=Queue 4.2=Disk"},
        Case{"a_table_with_numbers",
             "## 4 Ops\n| # | Check | Done |\n|---|---|---|\n| 4.4 | Queue | [ ] |\n| 4.5 | Disk | "
             "[ ] |\n",
             "4.4=Queue 4.5=Disk"},
        Case{"a_table_of_two_stages",
             "## 4 Ops\n| Check | Staging | Live |\n|---|---|---|\n| Queue | [ ] | [ ] |\n| Disk | "
             "[ ] | [ ] |\n",
             "4.1a=Queue (Staging) 4.1b=Queue (Live) 4.2a=Disk (Staging) 4.2b=Disk (Live)"},
        Case{"a_table_of_signatures",
             "## Sign-Off\n| Role | Name | Date |\n|---|---|---|\n| Lead | | |\n| Version | | |\n",
             "SIGN.1=Lead"},
        Case{"a_table_of_facts", "## 4 Ops\n| Port | Service |\n|---|---|\n| 443 | Caddy |\n", ""},
        Case{"a_table_and_a_rule",
             "## 4 Ops\n| Check | Done |\n|---|---|\n| Queue | [ ] |\n---\n- [ ] next\n",
             "4.1=Queue 4.2=next"},
        Case{"comments",
             "## 4 A\n<!-- - [ ] no -->\n- [ ] a <!-- by Ada --> b\n<!--\n- [ ] "
             "no\n\n- [ ] no\n-->\n- [ ] c\n",
             "4.1=a  b 4.2=c"},
        Case{"a_commented_section", "## 4 A\n- [ ] a\n<!--\n## 5 B\n- [ ] no\n-->\n- [ ] b\n",
             "4.1=a 4.2=b"},
        Case{"front_matter", "---\ntitle: x\n- [ ] no\n---\n## 4 A\n- [ ] a\n", "4.1=a"},
        Case{"a_byte_order_mark", "\xEF\xBB\xBF## 4 A\n- [ ] a\n", "4.1=a"},
        Case{"no_heading", "- [ ] a\n- [ ] b\n", "list.1=a list.2=b"},
        Case{"a_heading_of_pictures", "## \U0001F680\n- [ ] a\n", "list.1=a"},
        Case{"a_heading_in_another_script", "## \u0427\u0435\u043a\n- [ ] a\n",
             "\u0427\u0435\u043a.1=a"},
        Case{"signs_in_items", "## 4 A\n- \u2610 a\n- \u2705 b\n* :x: c\n- `\u2705` is code\n",
             "4.1=a 4.2=b 4.3=c"},
        Case{"signs_in_lines", "## 4 A\n\u2610 a\n\u2611\uFE0F b\n", "4.1=a 4.2=b"},
        Case{"the_form",
             "## Sign-Off\n**Lead**: ____ Date: ____\n\n**Version**: ____\n\n**Decision Date**: "
             "____\n\nDate of decision: ____\n\n- [ ] GO\n- [ ] NO-GO: do not ship\n",
             "SIGN.1=Lead"},
        Case{"the_decision_in_items", "## Release\n- [ ] GO: ship it\n- [ ] NO-GO: do not ship\n",
             ""},
        Case{"criteria_that_say_go",
             "## 4 A\n- [ ] Go modules are tidy\n- [ ] GO: all green\n- [ ] GO: staging held\n",
             "4.1=Go modules are tidy 4.2=GO: all green 4.3=GO: staging held"},
        Case{"signatures_in_items", "## Sign-Off\n- **Lead**: ____\n- Owner: ____\n",
             "SIGN.1=Lead SIGN.2=Owner"},
        Case{"old_line_ends", "## 4 A\r- [ ] a\r- [ ] b\r", "4.1=a 4.2=b"},
        Case{"a_box_above_dashes",
             "## 4 A\n- [ ] a\n---|\n- [ ] b\n  :-:\n- [ ] c\n  ---\n- [ ] d | e\n  --- | ---\n- [ "
             "] f\n  "
             ":---\n  text\n",
             "4.1=a ---| 4.2=b :-: 4.3=c 4.4=d | e --- | --- 4.5=f :--- text"},
        Case{"words_behind_a_blank",
             "## 4 A\n- [ ] Notes: ____ backup restored and verified\n- [ ] Build: ____ deployed "
             "to staging\n- "
             "[ ] Environment: ______ is reachable\n- [ ] Notes: ____\n- [ ] **Build**: ____ Date: "
             "____.\n",
             "4.1=Notes: ____ backup restored and verified 4.2=Build: ____ deployed to staging "
             "4.3=Environment: ______ is reachable"},
        Case{"criteria_in_a_decision",
             "## Decision\n- [ ] GO: rollback tested\n- [ ] No-go: pager is off\n- [ ] GO: ship "
             "it!\n- [ ] "
             "NO-GO (hold the release)\n- [ ] NO-GO \u2013 don't ship\n- [ ] GO: ____\n",
             "decision.1=GO: rollback tested decision.2=No-go: pager is off"},
        Case{"a_pair_of_criteria",
             "## Release\n- [ ] GO: rollback tested\n- [ ] NO-GO: pager is off\n",
             "release.1=GO: rollback tested release.2=NO-GO: pager is off"},
        Case{"a_column_of_states_with_other_words",
             "## 4 A\n| Check | Status |\n|---|---|\n| Queue | Done |\n| Disk | In review |\n\n| "
             "Task | Done "
             "|\n|---|---|\n| Mail | 2026-01-01 |\n| Web | |\n\n| Was | Ergebnis |\n|---|---|\n| "
             "Zoll | ja |\n| Post | nein |\n",
             "4.1=Queue 4.2=Disk 4.3=Mail 4.4=Web 4.5=Zoll 4.6=Post"},
        Case{"who_ticked_a_table",
             "## 4 A\n| Check | Done |\n|---|---|\n| Mail | [x] Ada, 3 May |\n| Queue | [ ] |\n| "
             "Disk | - [ ] |\n",
             "4.1=Mail 4.2=Queue 4.3=Disk"},
        Case{"who_ticked_a_table_of_other_names",
             "## 4 A\n| Was | Haken |\n|---|---|\n| Mail | [x] Ada, 3 May |\n| Queue | [ ] |\n",
             "4.1=Mail 4.2=Queue"},
        Case{"marks_in_the_column_of_texts",
             "## 4 A\n| Owner | Task |\n|---|---|\n| Ada | [ ] Queue |\n| Bo | - [ ] Disk |\n",
             "4.1=Queue 4.2=Disk"},
        Case{"entities_in_cells",
             "## 4 A\n| Check | Done |\n|---|---|\n| Queue | &#9744; |\n| Disk | &#x2610; |\n",
             "4.1=Queue 4.2=Disk"},
        Case{"a_sign_as_text", "## 4 A\n- \u2714\uFE0E a\n", "4.1=a"},
        Case{"steps_of_a_rollback_with_a_box", "## Rollback\n1. [ ] a\n2. b\n", "RB.1=a RB.2=b"}),
    [](const auto& param) { return std::string(param.param.name); });

struct Unread {
  const char* name;
  const char* markdown;
  std::vector<std::size_t> lines;  // from 1
};
class UnreadTest : public testing::TestWithParam<Unread> {};

TEST_P(UnreadTest, LinesAreNamed) {
  std::vector<std::size_t> lines;
  for (const UnreadLine& line : parse_checklist(GetParam().markdown).unread) {
    lines.push_back(line.line + 1);
    EXPECT_FALSE(line.why.empty());
  }
  EXPECT_EQ(lines, GetParam().lines);
}

INSTANTIATE_TEST_SUITE_P(
    Table, UnreadTest,
    testing::Values(
        Unread{"boxes_of_their_own_making",
               "## 4 A\n- [] a\n- [ x ] b\n- [-] c\n- [ ]d\n",
               {2, 3, 4, 5}},
        Unread{"a_box_without_a_list", "## 4 A\n[ ] a\n", {2}},
        Unread{"a_box_behind", "## 4 A\n- a [ ]\n", {2}},
        Unread{"no_table", "| a | Ada | [ ] |\n| b | Bo | [ ] |\n", {1, 2}},
        Unread{"a_table_with_too_few_dashes", "| a | b | c |\n|---|---|\n| d | e | [ ] |\n", {3}},
        Unread{"within_html", "<details>\n- [ ] a\n</details>\n", {2}},
        Unread{"a_table_of_html", "<table>\n<tr><td>a</td><td>[ ]</td></tr>\n</table>\n", {2}},
        Unread{"a_comment_without_an_end", "- [ ] a\n\n<!-- b\n- [ ] c\n", {3}},
        Unread{"a_heading", "## [ ] a\n- [ ] b\n", {1}},
        Unread{"a_second_paragraph", "- [ ] a\n\n  [ ] b\n", {3}},
        Unread{"a_second_signature", "## Sign-Off\nLead: ____ Security: ____\n", {2}},
        Unread{"a_blank_without_a_name", "## Sign-Off\nLead ____ Date ____\n", {2}},
        Unread{"a_definition", "- [x]: /done\n- [ ] a\n", {1}},
        Unread{"a_second_box_in_an_item", "- [ ] a\n  [ ] b\n- \u2705 c\n  \u2705 d\n", {2, 4}},
        Unread{"a_row_as_names_of_columns", "| [ ] a | Ada |\n|---|---|\n| [ ] b | Bo |\n", {1}},
        Unread{"a_column_that_seems_to_be_of_states",
               "| Check | Status |\n|---|---|\n| a | In review |\n| b | 2026-01-01 |\n\n| Was | "
               "Urteil |\n|---|---|\n"
               "| c | |\n| d | |\n\n| Rolle | Name |\n|---|---|\n| e | |\n",
               {3, 4, 8, 9, 13}},
        Unread{"boxes_as_entities",
               "- &#9744; a\n- &#x2610; b\n- &#X2611; c\n- &check; d\n&square; e\n",
               {1, 2, 3, 4, 5}},
        Unread{"boxes_as_inputs",
               "- <input type=\"checkbox\"> a\n\n| b | c |\n|---|---|\n| d | <input type=checkbox> "
               "|\n\n<ul>\n<li><input "
               "type='checkbox' checked> e</li>\n</ul>\n",
               {1, 5, 8}},
        Unread{"a_box_in_a_list_in_a_cell",
               "| a | b |\n|---|---|\n| c | <ul><li>- [ ] </li></ul> |\n",
               {3}},
        Unread{"several_boxes_in_a_line",
               "- Queue is short: [ ] yes [ ] no\n\nYes [ ] No [ ] rollback tested\n\nDisk: \u2610 "
               "yes \u2610 no\n\nMail: [x]\n",
               {1, 3, 5, 7}},
        Unread{"boxes_of_other_brackets", "- ( ) a\n- (x) b\n- { } c\n* (X)d\n", {1, 2, 3, 4}},
        Unread{"boxes_of_other_letters",
               "- [o] a\n- [.] b\n- [/] c\n- [>] d\n- [?] e\n- [!] f\n- [Y] g\n- [ok] h\n- [yes] "
               "i\n- [*] j\n- [\u2714] k\n",
               {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
        Unread{"signs_in_items",
               "- \U0001F7E9 a\n- \U0001F534 b\n- \U0001F5F9 c\n- \U0001F5F8 d\n- \u221A e\n- "
               "\u2716 f\n- \u25CB g\n- "
               "\u2B1B h\n- :red_circle: i\n",
               {1, 2, 3, 4, 5, 6, 7, 8, 9}},
        Unread{"signs_in_cells",
               "| a | b |\n|---|---|\n| c | \U0001F7E2 |\n| d | \u2716\uFE0F |\n",
               {3, 4}},
        Unread{"what_is_code_or_comment",
               "```\n- [] a\n```\n<!-- [ ] b -->\n<pre>\n[ ] c\n</pre>\n`[ ] d`\n\\[ ] e\n",
               {}},
        Unread{"prose",
               "\u2705 is good\n\n- see [1](x) and a[0]\n- [link](y)\n- Deployed \u2705\n",
               {}},
        Unread{"links_and_notes",
               "- [ok](y) a\n- [ok][r] b\n- [x](y) c\n- a note[^1]\n- [^1] d\n- [1] e\n- [a] f\n- "
               "(see above) g\n- {name} h\n- "
               "int a[] is b\n- press [x] to close\n- an array [1, 2]\n- -> c\n- 5 > 4\n- (a) d\n- "
               ":heart: e\n\n[r]: /u\n",
               {}},
        Unread{"tables_of_facts",
               "| Port | Service | Notes |\n|---|---|---|\n| 443 | Caddy | |\n\n| Name | Kind "
               "|\n|---|---|\n| a | b |\n\n| File | "
               "Owner |\n|---|---|\n| a | |\n\n| Part | State of it |\n|---|---|\n| a | - |\n",
               {}},
        Unread{"a_good_list", "[x]: /u\n\n## 4 A\n- [ ] a\n  - [x] b\n\n  text\n", {}}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(Checklist, ARowEndsWhereItBeginsOrLater) {
  using namespace std::string_literals;
  for (const std::string& markdown :
       {"<deta\0\0imary>\n\n- [ ] \0"s, "- [ ] \0"s, "text\n\n- [ ] a\n  b\n"s}) {
    for (const ChecklistRow& row : parse_checklist(markdown).rows)
      EXPECT_LE(row.line, row.last_line) << markdown;
  }
}

TEST(ChecklistDocument, KnowsTheRowAroundARow) {
  const ChecklistDocument document =
      parse_checklist("## 4 A\n- [ ] a\n  - text\n    - [ ] b\n- [ ] c\n- d\n  - [ ] e\n");
  ASSERT_EQ(document.rows.size(), 4U);
  EXPECT_FALSE(document.rows[0].parent);
  EXPECT_EQ(document.rows[1].parent, 0U);
  EXPECT_FALSE(document.rows[2].parent);
  EXPECT_FALSE(document.rows[3].parent);
}

}  // namespace
}  // namespace gonogo
