// The table of routes, against itself and against the README.
#include "daemon/api/routes.h"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace gonogo {
namespace {

std::string grant_of(const Route& row) {
  return row.grant ? std::string(grant_names.at(static_cast<std::size_t>(*row.grant))) : "";
}

TEST(Routes, StandInGroupsOfOnePathWithEachMethodOnce) {
  std::set<std::string_view> finished;
  std::set<std::pair<std::string_view, std::string_view>> rows;
  std::string_view path;
  for (const Route& row : routes()) {
    if (row.path != path) {
      EXPECT_TRUE(finished.insert(row.path).second) << row.path;
    }
    path = row.path;
    EXPECT_TRUE(rows.emplace(row.method, row.path).second) << row.method << " " << row.path;
  }
}

TEST(Routes, HoldWhatDocumentsAreMadeOf) {
  std::map<std::string_view, const Schema*> schemas;
  for (const Route& row : routes()) {
    const std::string name = std::string(row.method) + " " + std::string(row.path);
    EXPECT_FALSE(row.summary.empty()) << name;
    EXPECT_TRUE(std::ifstream(GONOGO_SOURCE_DIR "/daemon/api/" + std::string(row.topic) + ".cpp"))
        << name << ": no file for the topic " << row.topic;
    ASSERT_NE(row.answer, nullptr) << name;
    EXPECT_EQ(row.needs == Needs::name, row.success == 201) << name;
    for (const Schema* schema : {row.request, row.answer}) {
      if (schema == nullptr) continue;
      // One name, one schema.
      EXPECT_EQ(schemas.emplace(schema->name, schema).first->second, schema) << schema->name;
      EXPECT_FALSE(schema->what.empty()) << schema->name;
      EXPECT_EQ(schema->fields.empty(), schema->content_type != "application/json") << schema->name;
    }
    EXPECT_TRUE(row.request == nullptr || row.method == "POST") << name;
  }
}

// Cells of the table below `heading` in the README.
std::vector<std::vector<std::string>> readme_table(const std::string& heading) {
  std::ifstream file(GONOGO_SOURCE_DIR "/README.md");
  std::vector<std::vector<std::string>> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(heading)) is_inside = true;
    if (!is_inside) continue;
    if (!line.starts_with("|")) break;
    std::vector<std::string> cells;
    std::istringstream text(line.substr(1));
    for (std::string cell; std::getline(text, cell, '|');) cells.push_back(cell);
    rows.push_back(cells);
  }
  return rows;
}

// Each span in backquotes is "METHOD PATH"; HEAD goes with GET and is not written.
TEST(Routes, AreThoseOfTheReadmeWithTheirGrants) {
  std::set<std::string> documented;
  for (const auto& cells : readme_table("| path | grant |")) {
    re2::StringPiece rest(cells.at(0));
    std::string method;
    std::string path;
    while (RE2::FindAndConsume(&rest, "`([A-Z]+) ([^`]+)`", &method, &path))
      documented.insert(method + " " + path + " " + cells.at(1));
  }
  std::set<std::string> served;
  for (const Route& row : routes()) {
    const std::string grant = grant_of(row);
    served.insert(std::string(row.method) + " " + std::string(row.path) + " " +
                  (grant.empty() ? " " : " `" + grant + "` "));
  }
  EXPECT_EQ(documented, served);
}

}  // namespace
}  // namespace gonogo
