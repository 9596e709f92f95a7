// Alembic 1.8.1 and 1.20.1 decided what is in migrations/*: which revision a file has, and which
// heads a tree of revisions.
#include "daemon/formats/migrations.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace gonogo {
namespace {

std::vector<std::string> lines_of(const std::string& name) {
  std::ifstream file(std::string(GONOGO_SOURCE_DIR) + "/tests/unit/daemon/formats/migrations/" +
                     name);
  std::vector<std::string> lines;
  std::string line;
  std::getline(file, line);  // the versions
  while (std::getline(file, line)) lines.push_back(line);
  return lines;
}

std::vector<std::string> split(const std::string& text, char sign) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  std::string part;
  while (std::getline(stream, part, sign)) {
    if (!part.empty()) parts.push_back(part);
  }
  return parts;
}

// "id<down,down+depends_on@label,label", as the table of trees writes a revision.
Revision to_revision(std::string text) {
  Revision revision;
  const auto take = [&text](char sign) {
    const std::size_t start = text.find(sign);
    if (start == std::string::npos) return std::vector<std::string>{};
    const std::string list = text.substr(start + 1);
    text.resize(start);
    return split(list, ',');
  };
  revision.branch_labels = take('@');
  revision.depends_on = take('+');
  revision.down = take('<');
  revision.id = text;
  revision.file = text + ".py";
  return revision;
}

class TreeTest : public testing::TestWithParam<std::string> {};

TEST_P(TreeTest, HasTheHeadsThatAlembicPrints) {
  std::vector<std::string> columns = split(GetParam(), '|');
  std::vector<Revision> revisions;
  for (const std::string& text : split(columns.at(0), ' ')) revisions.push_back(to_revision(text));
  const auto found = heads_of(revisions);
  const std::vector<std::string> heads = split(columns.at(1), ' ');
  if (heads == std::vector<std::string>{"refused"}) {
    EXPECT_FALSE(found) << "Alembic refuses it";
    return;
  }
  ASSERT_TRUE(found) << found.error();
  const std::vector<std::string> effective = split(columns.size() > 2 ? columns[2] : "", ' ');
  EXPECT_EQ(found->heads, std::set<std::string>(heads.begin(), heads.end()));
  EXPECT_EQ(found->effective, std::set<std::string>(effective.begin(), effective.end()));
}

INSTANTIATE_TEST_SUITE_P(Alembic, TreeTest, testing::ValuesIn(lines_of("trees.txt")));

class ModuleTest : public testing::TestWithParam<std::string> {};

// The bytes of a text, which JSON writes as characters up to U+00FF.
std::string bytes_of(const nlohmann::json& row) {
  if (row.contains("text")) return row["text"];
  std::string bytes;
  const std::string text = row["latin1"];
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    bytes += byte < 0x80 ? text[i] : static_cast<char>((byte << 6) | (text[++i] & 0x3f));
  }
  return bytes;
}

TEST_P(ModuleTest, HasTheRevisionThatAlembicReads) {
  const nlohmann::json row = nlohmann::json::parse(GetParam());
  const std::string file = row["file"];
  const std::string kind = row["is"];
  EXPECT_EQ(is_migration_file(file), kind != "skipped");
  if (kind == "skipped") return;
  const auto seen = read_revision(file, bytes_of(row));
  if (kind == "refused") {
    EXPECT_FALSE(seen) << "Alembic refuses it: " << row["why"];
    return;
  }
  if (row.contains("computed")) {
    ASSERT_FALSE(seen) << "it is computed, and was read as " << seen->id;
    EXPECT_NE(seen.error().find("is computed"), std::string::npos) << seen.error();
    return;
  }
  ASSERT_TRUE(seen) << seen.error();
  EXPECT_EQ(seen->id, row["revision"].get<std::string>());
  EXPECT_EQ(nlohmann::json(seen->down), row["down"]);
  EXPECT_EQ(nlohmann::json(seen->depends_on), row["depends"]);
  EXPECT_EQ(nlohmann::json(seen->branch_labels), row["labels"]);
}

INSTANTIATE_TEST_SUITE_P(Alembic, ModuleTest, testing::ValuesIn(lines_of("modules.jsonl")));

TEST(Migrations, AProblemNamesTheFileAndTheLine) {
  const auto error = [](const char* text) { return read_revision("v/m.py", text).error(); };
  EXPECT_EQ(error("revision = 'a'\ndown_revision = (\n 'b', #\n"),
            "v/m.py:2: the bracket ( is never closed");
  EXPECT_EQ(error("\n<<<<<<< HEAD\nrevision = 'a'\n"), "v/m.py:2: a line cannot begin with <<");
  EXPECT_EQ(error("revision = 'a-1'\ndown_revision = None"),
            "v/m.py: Alembic refuses the revision \"a-1\" (no @, - or +)");
  EXPECT_EQ(error("x = 1"), "v/m.py sets no `revision`: Alembic refuses a folder with such a file");
  EXPECT_EQ(error("revision = 'a'"),
            "v/m.py sets no `down_revision` (None for the first migration)");
  EXPECT_NE(
      error("revision = 'a'\ndown_revision = last()").find("v/m.py:2: `down_revision` is computed"),
      std::string::npos);
}

TEST(Migrations, AProblemOfTheTreeNamesItsFiles) {
  const auto error = [](const std::string& tree) {
    std::vector<Revision> revisions;
    for (const std::string& text : split(tree, ' ')) revisions.push_back(to_revision(text));
    return heads_of(revisions).error();
  };
  EXPECT_EQ(error("abc123 b<abc"),
            "b.py builds on \"abc\", which no file has (Alembic takes whole ids here; did you mean "
            "\"abc123\"?)");
  EXPECT_EQ(error("a b+x"), "b.py depends on \"x\", which no file has");
  // Alembic warns, and runs one of the two.
  EXPECT_EQ(error("a b<a a"), "revision a is in two files: a.py and a.py");
  // Alembic prints d for this, and runs nothing.
  EXPECT_NE(error("a b<a,c c<b d<c").find("circle"), std::string::npos);
}

TEST(Migrations, WhatAlembicPrintsIsRead) {
  const auto heads = [](const char* text) { return parse_alembic_heads(text)->heads; };
  using Set = std::set<std::string>;
  EXPECT_EQ(heads("merge_20260224_01 (head)\n\n0044 (branch) (head)\n"),
            (Set{"merge_20260224_01", "0044"}));
  EXPECT_EQ(heads("b1 (head)\r\na1 (la) (effective head)\n"), Set{"b1"});
  EXPECT_EQ(parse_alembic_heads("b1 (head)\na1 (effective head)\n")->effective, Set{"a1"});
  EXPECT_EQ(heads("Loading .env environment variables...\nb1 (head)\n"), Set{"b1"});
  EXPECT_EQ(heads("merge_1\n0044\n"), (Set{"merge_1", "0044"}));
  EXPECT_TRUE(heads("").empty());
  EXPECT_FALSE(parse_alembic_heads("Rev: a (head)\nParent: <base>\nPath: /x.py\n"));
  EXPECT_FALSE(parse_alembic_heads("no such command\n"));
}

}  // namespace
}  // namespace gonogo
