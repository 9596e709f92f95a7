// PyYAML 6.0.4 decided, for each text of yaml_answers.jsonl, whether it is YAML, and where it is
// not. Its bytes are written as the characters U+0000 to U+00FF.
#include "daemon/config/document.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/config/yaml_text.h"

namespace gonogo {
namespace {

struct Row {
  std::string name;
  std::string bytes;
  bool is_refused = false;  // by PyYAML
  int line = 0;
  std::vector<std::string> problems;
};

std::string bytes_of(const std::string& characters) {
  std::string bytes;
  for (std::size_t i = 0; i < characters.size(); ++i) {
    auto byte = static_cast<unsigned char>(characters[i]);
    if (byte >= 0xC2)
      byte = static_cast<unsigned char>((byte << 6U) |
                                        (static_cast<unsigned char>(characters[++i]) & 0x3FU));
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::vector<Row> rows() {
  std::ifstream file(std::string(GONOGO_SOURCE_DIR) +
                     "/tests/unit/daemon/config/yaml_answers.jsonl");
  std::vector<Row> all;
  std::string line;
  std::getline(file, line);  // the version
  while (std::getline(file, line)) {
    const auto json = nlohmann::json::parse(line);
    Row row;
    row.name = json["name"];
    row.bytes = bytes_of(json["bytes"].get<std::string>());
    row.is_refused = !json["refused_at"].is_null();
    if (row.is_refused) row.line = json["refused_at"][0];
    row.problems = json["problems"].get<std::vector<std::string>>();
    all.push_back(std::move(row));
  }
  return all;
}

Problems problems_of(const std::string& text) {
  Problems problems;
  parse_document("x", text, problems);
  return problems;
}

std::vector<std::string> in_words(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems)
    lines.push_back(to_text(problem).substr(std::string("x:").size()));
  return lines;
}

TEST(Document, EveryProblemIsSaidInWordsWithItsLineAndColumn) {
  const std::vector<Row> all = rows();
  ASSERT_GT(all.size(), 200U);
  for (const Row& row : all) EXPECT_EQ(in_words(problems_of(row.bytes)), row.problems) << row.name;
}

TEST(Document, WhatIsNoYamlIsRefused) {
  // YAML 1.2 allows tabs that are no indentation, empty items, and other line breaks as characters.
  const std::set<std::string> taken{
      "tab_before_value",    "tab_list", "tab_trailing",      "tab_in_flow",
      "tab_in_plain",        "json_tab", "flow_double_comma", "flow_lead",
      "tab_after_colon_map", "ls"};
  for (const Row& row : rows()) {
    if (row.is_refused) {
      EXPECT_EQ(row.problems.empty(), taken.contains(row.name)) << row.name;
    }
  }
}

TEST(Document, AnOpenQuoteHidesNothingBehindIt) {
  for (const char* text : {"a: \"x\nb: 1\n", "a: 'x\nb: 1\n", "a: [\"x\n]\nb: 1\n", "a: 'x\n\n",
                           "a:\n  b: \"x\n  c: 1\n", "a: \"x\\\"\nb: 1\n", "a: 'it''s\nb: 1\n"}) {
    ASSERT_EQ(problems_of(text).size(), 1U) << text;
    EXPECT_EQ(problems_of(text)[0].place.line, text[2] == '\n' ? 2 : 1) << text;
  }
  // Closed by the next quote: what is between them would be gone.
  const auto lines = in_words(problems_of("a:\n  b: \"x\n  c: \"\n  d: 1\n"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].rfind("2:6: a.b: a text in quotes goes on in line 3", 0), 0U) << lines[0];
  for (const char* text : {"a: \"x\n  b, y\"\nc: 1\n", "a: 'x\n\n  y'\n", "a: \"x\ny\"\n",
                           "a: |\n  \"x\nb: 1\n", "a: it's\nb: 1\n", "a: \"\\\"\"\nb: ''''\n"}) {
    EXPECT_TRUE(problems_of(text).empty()) << text << in_words(problems_of(text))[0];
  }
}

TEST(Document, WhatIsWrittenInAKeyThatLacksItsBlankIsNotShown) {
  for (const char* text : {"a: {password:s3cret}\n", "a: {b: 1, password:s3cret, c: 2}\n",
                           "a: 1\npassword:s3cret\n", "password:s3cret\na: 1\n"}) {
    const auto lines = in_words(problems_of(text));
    ASSERT_FALSE(lines.empty()) << text;
    for (const std::string& line : lines) EXPECT_EQ(line.find("s3cret"), std::string::npos) << line;
  }
}

TEST(Document, AnEmptyOneHasAPlace) {
  for (const char* text : {"", "\n", "# nothing\n", "---\n", "\xEF\xBB\xBF"}) {
    Problems problems;
    const Node node = parse_document("x", text, problems);
    EXPECT_TRUE(node.is_null() && problems.empty()) << text;
    EXPECT_GE(node.place.line, 1) << text;
    EXPECT_EQ(node.place.file, "x");
  }
}

TEST(Document, ColumnsCountCharacters) {
  const auto lines = in_words(problems_of("{\"\u00e4\u00f6\": 1, \"\u00e4\u00f6\": 2}\n"));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "1:11: \u00e4\u00f6: duplicate key (first at line 1)");
}

TEST(Document, NothingOfATagIsShown) {
  for (const char* text : {"a: !hunter2\n", "a: {password: !hunter2 }\n", "a: [!hunter2 b]\n",
                           "a: !hunter2 [b]\n", "a: !hunter2\n  b: 1\n", "a: !!hunter2 x\n",
                           "a: !<hunter2> x\n", "a: !x!hunter2 y\n", "!hunter2 a: 1\n"}) {
    const auto lines = in_words(problems_of(text));
    ASSERT_EQ(lines.size(), 1U) << text;
    EXPECT_NE(lines[0].find("tags are not supported"), std::string::npos) << lines[0];
    EXPECT_EQ(lines[0].find("hunter2"), std::string::npos) << lines[0];
  }
}

TEST(Document, ALongLineOfUnicodeIsCountedOnce) {
  std::string line = "a: [\u00e4";
  for (int i = 0; i < 20'000; ++i) line += ", \u00e4";
  const YamlText text(line + ", b, b]\n");
  const int last = static_cast<int>(line.size()) + 2;
  for (int column = 0; column <= last; ++column) text.column_in_characters(0, column);
  EXPECT_EQ(text.column_in_characters(0, last), 60'008);
  EXPECT_LE(text.counted(), static_cast<std::size_t>(last + 2) * 64);
}

TEST(Document, TheBoundsAreOfAllFilesTogether) {
  DocumentBudget budget;
  budget.values = 7;
  Problems problems;
  parse_document("x", "a: 1\nb: 2\n", problems, budget);
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(budget.values, 2U);
  parse_document("y", "a: 1\nb: 2\n", problems, budget);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(to_text(problems[0]).rfind("y:2:1: is more than the 5 million values", 0), 0U)
      << to_text(problems[0]);
  problems.clear();
  budget = DocumentBudget{};
  budget.bytes = 12;
  parse_document("x", "a: 1\n", problems, budget);
  parse_document("y", "a: 1234567\n", problems, budget);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(to_text(problems[0]).rfind("y:1:1: is more than the 64MiB", 0), 0U);
}

TEST(Document, AFileOf16MiBIsReadAndALargerOneIsNot) {
  const std::string text = "a: 1\n#" + std::string((std::size_t{16} << 20) - 7, 'x') + "\n";
  EXPECT_TRUE(problems_of(text).empty());
  EXPECT_EQ(in_words(problems_of(text + "#")).at(0), "1:1: is larger than 16MiB");
}

TEST(Document, AKeyThatIsThereTwiceIsFoundAmongMany) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "k" + std::to_string(i) + ": 1\n";
  EXPECT_TRUE(problems_of(text).empty());
  EXPECT_EQ(in_words(problems_of(text + "k17: 1\n")).at(0),
            "5001:1: k17: duplicate key (first at line 18)");
}

}  // namespace
}  // namespace gonogo
