// Prints what this program makes of files, one line of JSON each: for tests/fuzz/differential,
// which compares it with the programs that really read them.
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/formats/crontab.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/shell_grammar.h"
#include "daemon/formats/sourced_dotenv.h"

namespace gonogo {
namespace {

nlohmann::json answer_to_dotenv(const std::string& text) {
  const Dotenv read = parse_dotenv(text);
  nlohmann::json keys = nlohmann::json::object();
  for (const auto& [name, value] : read.keys) keys[to_hex(name)] = to_hex(value);
  return {{"refused", read.problem.has_value()},
          {"safe", !read.problem && problems_when_sourced(text, read).empty()},
          {"keys", std::move(keys)}};
}

nlohmann::json answer_to_crontab(const std::string& text) {
  const auto is_user = [](const std::string&) { return true; };
  const Crontab table = parse_crontab(text, {.owner = "root", .is_user = is_user});
  nlohmann::json commands = nlohmann::json::array();
  for (const CrontabEntry& entry : table.entries)
    commands.push_back(
        {{"text", to_hex(entry.command)},
         {"taken", shell_syntax_problem(entry.command, ShellDialect::dash).empty()}});
  return {{"refused", table.ignores_file},
          {"commands", std::move(commands)},
          {"line", table.problems.empty() ? 0 : table.problems.front().line}};
}

}  // namespace
}  // namespace gonogo

int main(int argc, char** argv) {
  const std::string kind = argc > 1 ? argv[1] : "";
  for (std::string path; std::getline(std::cin, path);) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto answer =
        kind == "dotenv" ? gonogo::answer_to_dotenv(text) : gonogo::answer_to_crontab(text);
    std::cout << gonogo::to_json_text(answer) << '\n';
  }
}
