// The table of verbs, against the README, the sources, --help, the man page and the completions.
#include "daemon/cli/verb_table.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "daemon/cli/completion.h"
#include "daemon/cli/man_page.h"
#include "daemon/cli/parser.h"

namespace gonogo {
namespace {

bool exists(const std::string& path) { return std::ifstream(path).good(); }

std::string replaced(std::string text, char from, char to) {
  for (char& c : text) c = c == from ? to : c;
  return text;
}

std::string trimmed_cell(const std::string& cell) {
  const std::size_t begin = cell.find_first_not_of(' ');
  return begin == std::string::npos ? ""
                                    : cell.substr(begin, cell.find_last_not_of(' ') + 1 - begin);
}

// Cells of the README's table of verbs.
std::vector<std::vector<std::string>> readme_rows() {
  std::ifstream file(GONOGO_SOURCE_DIR "/README.md");
  std::vector<std::vector<std::string>> rows;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    if (is_inside && !line.starts_with("|")) break;
    if (is_inside && line.starts_with("| `")) {
      std::vector<std::string> cells;
      std::istringstream text(line.substr(1));
      for (std::string cell; std::getline(text, cell, '|');) cells.push_back(trimmed_cell(cell));
      rows.push_back(cells);
    }
    is_inside = is_inside || line.starts_with("| verb | exit code 0 |");
  }
  return rows;
}

const Verb* find_verb(const std::string& usage) {
  for (const Verb& verb : verbs()) {
    if (usage == verb.name || usage.starts_with(verb.name + " ")) return &verb;
  }
  return nullptr;
}

// What the exit codes 0, 1, 2 and 78 of these verbs mean, as a row of the README has it.
std::vector<std::string> meanings_of(const std::vector<const Verb*>& row) {
  std::vector<std::string> cells(4);
  for (const Verb* verb : row) {
    const std::array<std::string_view, 4> meanings{verb->exits.zero, verb->exits.one,
                                                   verb->exits.two, verb->exits.bad_config};
    for (std::size_t i = 0; i < meanings.size(); ++i) {
      const std::string meaning(meanings.at(i));
      if (meaning.empty() || cells[i] == meaning || cells[i].ends_with(", " + meaning)) continue;
      cells[i] += (cells[i].empty() ? "" : ", ") + meaning;
    }
  }
  return cells;
}

TEST(VerbTable, AgreesWithTheReadme) {
  std::map<std::string, int> documented;
  for (const std::vector<std::string>& cells : readme_rows()) {
    std::istringstream spans(cells.at(0));
    std::vector<const Verb*> row;
    for (std::string span; std::getline(spans, span, '`');) {
      if (!std::getline(spans, span, '`')) break;
      const Verb* verb = find_verb(span);
      ASSERT_NE(verb, nullptr) << span;
      if (++documented[verb->name] == 1) row.push_back(verb);
    }
    EXPECT_EQ(std::vector<std::string>(cells.begin() + 1, cells.end()), meanings_of(row))
        << cells.at(0);
  }
  for (const Verb& verb : verbs()) EXPECT_GT(documented[verb.name], 0) << verb.name;
}

TEST(VerbTable, HasAFileForEachVerb) {
  for (const Verb& verb : verbs()) {
    const std::string folder = GONOGO_SOURCE_DIR "/daemon/cli/";
    const bool has_own = exists(folder + replaced(verb.name, ' ', '_') + ".cpp");
    const std::string group = verb.name.substr(0, verb.name.find(' '));
    EXPECT_TRUE(has_own || exists(folder + group + ".cpp")) << verb.name;
  }
}

TEST(VerbTable, GivesHelpForEachVerbWithEachOption) {
  for (const Verb& verb : verbs()) {
    Parsed parsed;
    const auto parser = make_parser(parsed);
    std::string help;
    try {
      parser->parse(verb.name + " --help");
      ADD_FAILURE() << verb.name << " runs instead of printing help";
    } catch (const CLI::CallForHelp&) {
      help = parser->help();
    }
    EXPECT_NE(help.find(verb.summary), std::string::npos) << verb.name;
    for (const VerbOption& option : verb.options) {
      const std::string name = option.name.substr(0, option.name.find(','));
      EXPECT_NE(help.find(name), std::string::npos) << verb.name << " " << name;
      EXPECT_EQ(option.is_flag(), option.value.empty()) << verb.name << " " << name;
      EXPECT_FALSE(option.what.empty()) << verb.name << " " << name;
    }
  }
}

TEST(VerbTable, IsWhatTheManPageSays) {
  // Without roff's own signs it is the text of the table.
  std::string page;
  for (const char c : man_page()) {
    if (c != '\\') page += c;
  }
  for (const Verb& verb : verbs()) {
    EXPECT_NE(page.find(".SS gonogo " + usage_of(verb) + "\n"), std::string::npos) << verb.name;
    EXPECT_NE(page.find(verb.summary), std::string::npos) << verb.name;
    for (const VerbOption& option : verb.options)
      EXPECT_NE(page.find(option.what), std::string::npos) << verb.name << " " << option.name;
  }
}

TEST(VerbTable, IsWhatTheCompletionsKnow) {
  const std::string script = bash_completion();
  for (const Verb& verb : verbs()) {
    const std::string branch = verb.name == "help" ? "    help) " : "    '" + verb.name + "')";
    const std::size_t begin = script.find(branch);
    ASSERT_NE(begin, std::string::npos) << verb.name;
    const std::string body = script.substr(begin, script.find("\n    '", begin + 1) - begin);
    for (const VerbOption& option : verb.options) {
      if (option.is_argument()) continue;
      EXPECT_NE(body.find(option.name.substr(0, option.name.find(','))), std::string::npos)
          << verb.name << " " << option.name;
    }
  }
}

TEST(VerbTable, ReadsEachKindOfOption) {
  Parsed parsed;
  const auto parser = make_parser(parsed);
  EXPECT_THROW(parser->parse("wait --hold soon"), CLI::ParseError);
  EXPECT_THROW(parser->parse("wait --for maybe"), CLI::ParseError);
  EXPECT_THROW(parser->parse("history --limit 0"), CLI::ParseError);
  EXPECT_THROW(parser->parse("sign"), CLI::ParseError);
  EXPECT_THROW(parser->parse("check --timeout 3m"), CLI::ParseError) << "needs --at-daemon";
  EXPECT_THROW(parser->parse("deploy start v1 --force"), CLI::ParseError) << "needs --reason";
  EXPECT_THROW(parser->parse("waive a --for 1h --until 2026-01-01T00:00:00Z"), CLI::ParseError);
  EXPECT_THROW(parser->parse("config"), CLI::ParseError);
  EXPECT_THROW(parser->parse("report --list /nonexistent"), CLI::ParseError);
  parser->parse("help --man");
  EXPECT_TRUE(parsed.help.man);
  EXPECT_EQ(parsed.exit_code, 0);
}

}  // namespace
}  // namespace gonogo
