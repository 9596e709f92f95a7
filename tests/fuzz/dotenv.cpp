// A .env file as compose reads it, and as a shell does.
#include "daemon/formats/dotenv.h"

#include <algorithm>

#include "daemon/formats/placeholders.h"
#include "daemon/formats/sourced_dotenv.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

const std::map<std::string, std::string> environment{{"HOME", "/srv"}, {"LISTED", "a b"}};

std::size_t lines_of(std::string_view text) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "export" && std::all_of(name.begin(), name.end(), [](char c) {
    return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  });
}

// What was read is the same when it is written again between single quotes.
void write_and_read(const Dotenv& read) {
  std::map<std::string, std::string> written;
  std::string text;
  for (const auto& [name, value] : read.keys) {
    if (!is_plain_name(name) || value.find_first_of("\\'") != std::string::npos) continue;
    text.append(name).append("='").append(value).append("'\n");
    written.emplace(name, value);
  }
  const Dotenv again = parse_dotenv(text, {});
  hold(!again.problem && again.keys == written, "what is written is read: " + text);
}

// A value that is refused is not shown. Words for people, behind a "?", are.
void hide_values(std::string_view input) {
  if (input.find_first_of("\n?") != std::string_view::npos) return;
  constexpr std::string_view sentinel = "Tr0ub4dorAnd3";
  std::string text = "PASSWORD=";
  text.append(input).append(sentinel);
  const Dotenv read = parse_dotenv(text, environment);
  if (read.problem)
    hold(read.problem->text.find(sentinel) == std::string::npos, "a problem shows no value");
  for (const DotenvProblem& problem : problems_when_sourced(text, read, environment))
    hold(problem.text.find(sentinel) == std::string::npos, "no problem of a shell shows a value");
}

}  // namespace

void fuzz(std::string_view input) {
  const Dotenv read = parse_dotenv(input, environment);
  const std::size_t lines = lines_of(input);
  if (read.problem) {
    hold(read.keys.empty(), "what is refused sets nothing");
    hold(read.problem->line >= 1 && read.problem->line <= lines && read.problem->column >= 1,
         "a problem has a place in the file");
    // Compose reads on to the end: what follows a refused line does not make it good.
    const std::string longer = std::string(input) + "\nLAST=1\n";
    if (read.problem->line < lines)
      hold(parse_dotenv(longer, environment).problem.has_value(), "what is refused stays refused");
  }
  for (const Dotenv::Repeated& key : read.repeated)
    hold(key.lines.size() > 1 && key.lines.back() <= lines, "a repeated key has its lines");
  write_and_read(read);
  hide_values(input);
  const auto sourced = problems_when_sourced(input, read, environment);
  hold(sourced.size() <= 100, "the problems of a shell are bounded");
  for (const DotenvProblem& problem : sourced)
    hold(problem.line >= 1 && problem.line <= lines, "a problem of a shell has a line");
  static_cast<void>(is_placeholder(input));
  static_cast<void>(asks_for_secret(input));
}

}  // namespace gonogo
