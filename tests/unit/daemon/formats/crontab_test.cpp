// Answers of Debian's cron 3.0pl1-162 and of cronie 1.7.2 (commit 5f9f16b), each built from its
// sources and asked once what it makes of these tables.
#include "daemon/formats/crontab.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/formats/cron_expression.h"

namespace gonogo {
namespace {

using Json = nlohmann::json;

bool is_known(const std::string& name) {
  static const std::set<std::string> users{"root", "nobody", "www-data"};
  return users.contains(name);
}

Crontab read(std::string_view text, CronFlavour flavour, const std::string& owner = "") {
  return parse_crontab(text, {.flavour = flavour, .owner = owner, .is_user = is_known});
}
Crontab debian(std::string_view text, const std::string& owner = "") {
  return read(text, CronFlavour::debian, owner);
}
Crontab cronie(std::string_view text, const std::string& owner = "") {
  return read(text, CronFlavour::cronie, owner);
}

std::string printable(const std::string& text) {
  std::string shown;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    char code[8];
    (void)std::snprintf(code, sizeof code, "\\x%02x", byte);
    const bool is_plain = byte >= 32 && byte <= 126 && c != '\\' && c != '"';
    shown += is_plain ? std::string(1, c) : std::string(code);
  }
  return shown;
}

// The form in which the two programs were made to answer.
std::string in_words(const CrontabEntry& entry) {
  const CronFields& fields = entry.fields;
  const unsigned long weekdays =
      (fields.weekdays.to_ulong() & 0x7FUL) | (fields.weekdays.test(7) ? 1UL : 0UL);
  const bool is_every_day = fields.days.to_ulong() == 0xFFFFFFFEUL && weekdays == 0x7FUL;
  char numbers[128];
  (void)std::snprintf(numbers, sizeof numbers, "%llx/%lx/%lx/%lx/%lx ", fields.minutes.to_ullong(),
                      fields.hours.to_ulong(), fields.days.to_ulong(), fields.months.to_ulong(),
                      weekdays);
  std::string text = numbers;
  text += fields.at_reboot ? "R" : "";
  text += fields.is_wild ? "w" : "";
  text += fields.any_day && !is_every_day ? "d" : "";
  text += fields.any_weekday && !is_every_day ? "k" : "";
  const std::string shell = entry.shell == "/bin/sh" ? "" : entry.shell;
  return text + " " + entry.user + " [" + printable(entry.command) + "] " + shell + " " +
         entry.zone;
}

std::string answer(const Crontab& crontab) {
  if (crontab.ignores_file) return "ignored";
  std::string text;
  for (const CrontabEntry& entry : crontab.entries)
    text += (text.empty() ? "" : "\n") + in_words(entry);
  return text;
}

// The texts are bytes, written as Latin-1.
std::string bytes_of(const std::string& utf8) {
  std::string bytes;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      bytes += utf8[i];
    } else {
      bytes +=
          static_cast<char>(((byte & 3U) << 6U) | (static_cast<unsigned char>(utf8[++i]) & 63U));
    }
  }
  return bytes;
}

TEST(Crontab, IsReadAsBothProgramsReadIt) {
  std::ifstream file(std::string(GONOGO_SOURCE_DIR) +
                     "/tests/unit/daemon/formats/crontab_answers.jsonl");
  std::size_t compared = 0;
  std::size_t wrong = 0;
  for (std::string line; std::getline(file, line);) {
    const Json row = Json::parse(line);
    const std::string text = bytes_of(row.at("text").get<std::string>());
    const std::string owner = row.at("table") == "user" ? "root" : "";
    for (const char* program : {"debian", "cronie"}) {
      if (row.at(program).is_null()) continue;
      const auto flavour = program[0] == 'd' ? CronFlavour::debian : CronFlavour::cronie;
      const std::string seen = answer(read(text, flavour, owner));
      const std::string expected = bytes_of(row.at(program).get<std::string>());
      ++compared;
      wrong += seen == expected ? 0 : 1;
      EXPECT_EQ(seen, expected) << program << ", a table of "
                                << (owner.empty() ? "the system" : owner) << ": " << row.at("text");
    }
  }
  EXPECT_GT(compared, 2000U);
  EXPECT_EQ(wrong, 0U) << "of " << compared;
}

TEST(Crontab, NamesTheLineAndTheFault) {
  struct Row {
    const char* text;
    int line;
    const char* words;
  };
  const std::string good = "0 5 * * * root good\n";
  for (const Row& row : {
           Row{"0 5 * * * root good\n99 1 * * * root bad\n", 2, "\"99\" is no minute"},
           Row{"0 5 * * * root good", 1, "no newline"},
           Row{"0 5 * * * root good\nA=b", 2, "no newline"},
           Row{"\n# note\n0 5 * * * cd /opt && ./x\n", 3, "\"cd\" is no user"},
           Row{"0 5 * * * TZ=UTC x\n", 1, "\"TZ=...\" is no user"},
           Row{"0 5 * * * * root x\n", 1, "\"*\" is no user"},
           Row{"MAILTO=\n0 5 * * * root x\n", 1, "\"MAILTO\" has no value"},
           Row{"A=\"b\n0 5 * * * root x\n", 1, "is not closed"},
           Row{"0 5 * * * root x\n \r\n", 2, "carriage return"},
           Row{"@Daily root x\n", 1, "\"@Daily\" is no macro"},
           Row{"0 5 * *\n", 1, "has no day of the week"},
           Row{"<<<<<<< HEAD\n0 5 * * * root x\n", 1, "\"<<<<<<<\" is no minute"},
       }) {
    const Crontab table = debian(row.text);
    EXPECT_TRUE(table.ignores_file) << row.text;
    ASSERT_EQ(table.problems.size(), 1U) << row.text;
    EXPECT_EQ(table.problems[0].line, row.line) << row.text;
    EXPECT_NE(table.problems[0].text.find(row.words), std::string::npos)
        << row.text << table.problems[0].text;
  }
  const Crontab lines =
      cronie("99 1 * * * root bad\n0 5 * * * root good\n0 6 * * * cd x\nMAILTO=\n");
  EXPECT_FALSE(lines.ignores_file);
  ASSERT_EQ(lines.problems.size(), 2U);
  EXPECT_EQ(lines.problems[1].line, 3);
  ASSERT_EQ(lines.entries.size(), 1U);
  EXPECT_EQ(lines.entries[0].line, 2);
}

TEST(Crontab, KeepsTheScheduleAsWritten) {
  const Crontab table = debian("  0\t22-4  * *  *\troot x\n@weekly   root y\n");
  ASSERT_EQ(table.entries.size(), 2U);
  EXPECT_EQ(table.entries[0].schedule, "0 22-4 * * *");
  EXPECT_EQ(table.entries[1].schedule, "@weekly");
  EXPECT_TRUE(table.entries[0].fields.hours.none()) << "a reversed range never comes";
}

TEST(Crontab, HasTheLimitsOfBothPrograms) {
  const std::string good = "0 5 * * * root good\n";
  const std::string comment = "# " + std::string(40'000, 'c') + "\n";
  EXPECT_EQ(debian(comment + good).entries.size(), 1U);
  EXPECT_EQ(cronie(comment + good).entries.size(), 1U);
  EXPECT_EQ(debian(comment + good, "root").entries.size(), 1U);
  EXPECT_TRUE(cronie(comment + good, "root").ignores_file);
  EXPECT_TRUE(debian(std::string(33'000, '\n') + good).ignores_file);
  EXPECT_EQ(cronie(std::string(33'000, '\n') + good).entries.size(), 1U);
  // Debian's cron stops after 10,000 lines and the three of a header.
  EXPECT_FALSE(debian(std::string(10'002, '\n') + good).ignores_file);
  EXPECT_TRUE(debian(std::string(10'003, '\n') + good).ignores_file);
}

}  // namespace
}  // namespace gonogo
