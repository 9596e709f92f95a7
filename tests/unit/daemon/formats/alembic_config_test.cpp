// Alembic 1.20.1 decided what is in migrations/configs.jsonl: the places that a file gives.
#include "daemon/formats/alembic_config.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace gonogo {
namespace {

std::vector<std::string> rows() {
  std::ifstream file(std::string(GONOGO_SOURCE_DIR) +
                     "/tests/unit/daemon/formats/migrations/configs.jsonl");
  std::vector<std::string> lines;
  std::string line;
  std::getline(file, line);  // the version
  while (std::getline(file, line)) lines.push_back(line);
  return lines;
}

// Without empty steps, as Python normalises it.
std::string normal(const std::string& path) {
  std::string text;
  std::size_t start = 0;
  while (start <= path.size()) {
    const std::size_t end = std::min(path.find('/', start), path.size());
    const std::string step = path.substr(start, end - start);
    if (!step.empty() && step != ".") text += "/" + step;
    start = end + 1;
  }
  return text;
}

class AlembicConfigTest : public testing::TestWithParam<std::string> {};

TEST_P(AlembicConfigTest, GivesThePlacesThatAlembicReads) {
  const nlohmann::json row = nlohmann::json::parse(GetParam());
  const auto seen = parse_alembic_config("/h/alembic.ini", "alembic", std::string(row["text"]));
  if (row.contains("refused") || row["sourceless"] == true) {
    EXPECT_FALSE(seen) << row.value("refused", "");
    return;
  }
  ASSERT_TRUE(seen) << seen.error();
  std::vector<std::string> expected = row["locations"];
  for (std::string& place : expected) {
    for (std::size_t at = place.find("HERE"); at != std::string::npos; at = place.find("HERE"))
      place.replace(at, 4, "/h");
    place = normal(place);
  }
  std::vector<std::string> places = seen->version_locations;
  for (std::string& place : places) place = normal(place);
  EXPECT_EQ(places, expected);
  EXPECT_EQ(seen->recursive, row["recursive"].get<bool>());
}

INSTANTIATE_TEST_SUITE_P(Alembic, AlembicConfigTest, testing::ValuesIn(rows()));

TEST(AlembicConfig, AProblemNamesTheFile) {
  const auto error = [](const char* text) {
    return parse_alembic_config("/h/alembic.ini", "alembic", text).error();
  };
  EXPECT_EQ(error("script_location = a"),
            "/h/alembic.ini:1: the first section is missing (such as [alembic])");
  EXPECT_EQ(error("[alembic]\nx = 1\nx = 2\n"),
            "/h/alembic.ini:3: the option \"x\" is there twice");
  EXPECT_EQ(error("[other]\n"), "/h/alembic.ini has no section [alembic]");
  EXPECT_EQ(error("[alembic]\n"), "/h/alembic.ini: has no script_location in [alembic]");
  EXPECT_EQ(error("[alembic]\nscript_location = app:migrations\n"),
            "/h/alembic.ini: \"app:migrations\" is a place in a Python package (give "
            "migrations.folder instead)");
}

TEST(AlembicConfig, AnotherSectionMayBeRead) {
  const auto seen = parse_alembic_config(
      "/h/a.ini", "billing", "[alembic]\nscript_location = a\n[billing]\nscript_location = b\n");
  ASSERT_TRUE(seen) << seen.error();
  EXPECT_EQ(seen->version_locations, std::vector<std::string>{"/h/b/versions"});
}

TEST(AlembicConfig, OnlyTheWordTrueIsTrue) {
  const auto seen =
      parse_alembic_config("/h/a.ini", "alembic",
                           "[alembic]\nscript_location = a\nrecursive_version_locations = True\n");
  ASSERT_TRUE(seen) << seen.error();
  EXPECT_FALSE(seen->recursive);
  EXPECT_NE(seen->note.find("only `true` is true"), std::string::npos);
}

TEST(AlembicConfig, ValuesThatGrowWithoutEndAreRefused) {
  std::string text = "[alembic]\nscript_location = %(a9)s\na0 = 0123456789\n";
  for (int i = 1; i <= 9; ++i) {
    const std::string inner = "%(a" + std::to_string(i - 1) + ")s";
    text += "a" + std::to_string(i) + " = ";
    for (int n = 0; n < 20; ++n) text += inner;
    text += "\n";
  }
  EXPECT_FALSE(parse_alembic_config("/h/a.ini", "alembic", text));
}

}  // namespace
}  // namespace gonogo
