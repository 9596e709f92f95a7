#include "daemon/formats/checklist_markdown.h"

#include <gtest/gtest.h>

#include "daemon/core/text.h"
#include "daemon/formats/checklist.h"
#include "tests/unit/daemon/formats/checklist_answers.h"

namespace gonogo {
namespace {

std::string with_single_blanks(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

std::vector<std::string> rows_of(const ChecklistDocument& document) {
  std::vector<std::string> rows;
  for (const ChecklistRow& row : document.rows) {
    std::string before;
    for (auto outer = row.parent; outer; outer = document.rows[*outer].parent) before += '+';
    if (row.place == ChecklistRow::Place::table) before += '|';
    rows.push_back(before + with_single_blanks(row.text));
  }
  return rows;
}

TEST(ChecklistMarkdown, HasTheRowsThatGitHubsParserHas) {
  std::size_t compared = 0;
  for (const MarkdownAnswer& answer : markdown_answers) {
    const ChecklistDocument document = parse_checklist(answer.markdown);
    std::vector<std::string> rows = rows_of(document);
    if (answer.here != nullptr) {
      for (const UnreadLine& line : document.unread) rows.push_back("!" + line.text);
    }
    EXPECT_EQ(joined(rows, "\n"), answer.here != nullptr ? answer.here : answer.rows)
        << answer.markdown;
    ++compared;
  }
  EXPECT_GT(compared, 300U);
}

struct FrontMatter {
  const char* name;
  const char* source;
  const char* rest;
};
class FrontMatterTest : public testing::TestWithParam<FrontMatter> {};

TEST_P(FrontMatterTest, IsNoPartOfTheText) {
  const std::string source = GetParam().source;
  EXPECT_EQ(source.substr(begin_of_markdown(source)), GetParam().rest);
}

INSTANTIATE_TEST_SUITE_P(
    Table, FrontMatterTest,
    testing::Values(
        FrontMatter{"yaml", "---\ntitle: A\nitems:\n  - [ ] b\n---\n- [ ] c\n", "- [ ] c\n"},
        FrontMatter{"a_box_in_it", "---\ntitle: A\n- [ ] b\n---\n- [ ] c\n", "- [ ] c\n"},
        FrontMatter{"dots", "---\ntitle: A\n...\n- [ ] c\n", "- [ ] c\n"},
        FrontMatter{"toml", "+++\ntitle = \"A\"\n+++\n- [ ] c\n", "- [ ] c\n"},
        FrontMatter{"windows", "---\r\ntitle: A\r\n---\r\n- [ ] c\r\n", "- [ ] c\r\n"},
        FrontMatter{"mark", "\xEF\xBB\xBF- [ ] c\n", "- [ ] c\n"},
        FrontMatter{"mark_and_yaml", "\xEF\xBB\xBF---\na: 1\n---\nx\n", "x\n"},
        FrontMatter{"comment_first", "---\n# note\na: 1\n---\nx\n", "x\n"},
        FrontMatter{"nothing_behind", "---\na: 1\n---", ""},
        // Text between two rules is text: its rows count.
        FrontMatter{"rule", "---\n\n- [ ] a\n\n---\n- [ ] b\n", "---\n\n- [ ] a\n\n---\n- [ ] b\n"},
        FrontMatter{"rule_and_heading", "---\n# A\n- [ ] a\n---\n", "---\n# A\n- [ ] a\n---\n"},
        FrontMatter{"prose", "---\nAll of it: now.\n- [ ] a\n---\n",
                    "---\nAll of it: now.\n- [ ] a\n---\n"},
        FrontMatter{"no_end", "---\na: 1\n- [ ] b\n", "---\na: 1\n- [ ] b\n"},
        FrontMatter{"later", "x\n---\na: 1\n---\n", "x\n---\na: 1\n---\n"},
        FrontMatter{"indented", " ---\na: 1\n---\n", " ---\na: 1\n---\n"}),
    [](const auto& param) { return std::string(param.param.name); });

TEST(ChecklistMarkdown, KnowsWhereTheWordsOfALineBegin) {
  const MarkdownText text = read_markdown("## A\n\n> - [ ] one `two`\n>   three <!-- x --> four\n");
  ASSERT_EQ(text.blocks.size(), 2U);
  const MarkdownBlock& item = text.blocks[1];
  ASSERT_EQ(item.lines.size(), 2U);
  EXPECT_EQ(item.lines[0].number, 2U);
  EXPECT_EQ(item.lines[0].begin, 14U);
  EXPECT_EQ(item.lines[0].text, "one two");
  EXPECT_EQ(item.lines[0].bare, "one `");
  EXPECT_EQ(item.lines[0].code, std::vector<std::string>{"two"});
  EXPECT_EQ(item.lines[1].text, "three  four");
  EXPECT_TRUE(item.is_first);
  ASSERT_EQ(item.items.size(), 1U);
  EXPECT_TRUE(item.items[0].is_box);
}

TEST(ChecklistMarkdown, EndsALineAtEachKindOfLineEnd) {
  EXPECT_EQ(starts_of_lines("a\nb\r\nc\rd"), (std::vector<std::size_t>{0, 2, 5, 7}));
  EXPECT_EQ(starts_of_lines(""), std::vector<std::size_t>{0});
}

TEST(ChecklistMarkdown, ReadsOneLineOfWords) {
  EXPECT_EQ(plain_words("**a** [b](c) `d` <!-- e -->").first, "a b d");
  EXPECT_EQ(plain_words("# no heading").first, "# no heading");
  EXPECT_EQ(plain_words("`d`").second, std::vector<std::string>{"d"});
  EXPECT_EQ(plain_words("").first, "");
}

}  // namespace
}  // namespace gonogo
