#include "daemon/formats/crontab.h"

#include <re2/re2.h>

#include <algorithm>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t most_entries = 5000;

std::string_view take_word(std::string_view& text) {
  text = trimmed(text);
  const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::string unquoted(std::string_view value) {
  value = trimmed(value);
  const bool is_quoted = value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
                         value.back() == value.front();
  return std::string(is_quoted ? value.substr(1, value.size() - 2) : value);
}

// A command ends at an unescaped %; its input follows.
std::string command_of(std::string_view text) {
  std::string command;
  text = trimmed(text);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') break;
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '%') ++i;
    command += text[i];
  }
  return command;
}

// Fills `entry` from `line`. Returns what is wrong when the line is no entry, else an empty text.
std::string parse_entry(std::string_view line, const std::string& user, CrontabEntry& entry) {
  const int fields = line.starts_with('@') ? 1 : 5;
  for (int i = 0; i < fields; ++i) {
    const std::string_view word = take_word(line);
    if (word.empty()) return "has no five fields and a command";
    entry.schedule += (i == 0 ? "" : " ") + std::string(word);
  }
  if (!equal_ignoring_case(entry.schedule, "@reboot")) {
    std::string problem;
    entry.cron = CronExpression::parse(entry.schedule, problem);
    if (!entry.cron) return problem;
  }
  entry.user = user.empty() ? std::string(take_word(line)) : user;
  entry.command = command_of(line);
  return entry.command.empty() ? "has no command" : "";
}

}  // namespace

Crontab parse_crontab(const std::string& file, std::string_view text, const std::string& user) {
  static const RE2 assignment(R"(^\s*["']?([A-Za-z_][A-Za-z0-9_]*)["']?\s*=\s*(.*)$)");
  Crontab crontab;
  std::string zone;
  int number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty() || line.starts_with('#')) continue;
    std::string name;
    std::string value;
    if (RE2::FullMatch(re2::StringPiece(line.data(), line.size()), assignment, &name, &value)) {
      if (name == "CRON_TZ") zone = unquoted(value);
      continue;
    }
    CrontabEntry entry{file, number, {}, {}, {}, std::nullopt, zone};
    const std::string problem = parse_entry(line, user, entry);
    if (!problem.empty()) {
      crontab.entries.clear();
      crontab.problem = "line " + std::to_string(number) + ": " + problem;
      return crontab;
    }
    if (crontab.entries.size() < most_entries) crontab.entries.push_back(std::move(entry));
  }
  return crontab;
}

}  // namespace gonogo
