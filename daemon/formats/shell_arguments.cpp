#include "daemon/formats/shell_arguments.h"

#include <algorithm>
#include <string_view>

#include "daemon/formats/shell_programs.h"

namespace gonogo {
namespace {

using Words = std::span<const ShellToken>;

// "env -S" within "env -S".
constexpr int most_splits = 8;

bool is_option(std::string_view word) { return word.size() > 1 && word[0] == '-'; }

// Whether the option has a text to be taken apart, and it, when it is in the same word.
bool splits(const std::string& word, std::string& text) {
  constexpr std::string_view name = "--split-string";
  text.clear();
  if (word.starts_with("--")) {
    if (word.size() > name.size()) text = word.substr(name.size() + 1);
    return word.starts_with(name);
  }
  const std::size_t letter = word.find_first_of("SuC", 1);
  if (letter == std::string::npos || word[letter] != 'S') return false;
  text = word.substr(letter + 1);
  return true;
}

std::vector<ShellToken> split_words(const std::string& text) {
  std::string problem;
  std::vector<ShellToken> words;
  if (const auto tokens = shell_tokens(text, problem)) {
    for (const ShellToken& token : *tokens) words.push_back({.text = token.text});
  }
  return words;
}

void append(std::vector<ShellToken>& list, Words words) {
  list.insert(list.end(), words.begin(), words.end());
}

// What "-c" or "--command" gives to the shell, when `word` is one of these.
std::optional<std::string> line_of(const std::string& word, const std::string& next) {
  for (const std::string name : {"--command", "--session-command"}) {
    if (word == name) return next;
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
  }
  const std::size_t letter = word.find_first_of("cgGsuw", 1);
  if (word.starts_with("--") || letter == std::string::npos || word[letter] != 'c')
    return std::nullopt;
  return letter + 1 < word.size() ? word.substr(letter + 1) : next;
}

}  // namespace

EnvCall env_call(std::span<const ShellToken> arguments) {
  EnvCall call;
  std::vector<ShellToken> rest(arguments.begin(), arguments.end());
  bool has_options = true;
  int count = 0;
  while (!rest.empty()) {
    const ShellToken word = rest.front();
    std::string text;
    if (has_options && word.text == "--") {
      has_options = false;
    } else if (has_options && is_option(word.text)) {
      const bool is_split = splits(word.text, text);
      const bool is_next = is_split ? text.empty() : takes_value(word.text, env_options());
      if (is_next && rest.size() == 1) return call;
      if (is_next && is_split) text = rest[1].text;
      if (is_next && !is_split) call.before.push_back(word);
      if (is_next) rest.erase(rest.begin());
      if (is_split) {
        if (++count > most_splits) return call;
        std::vector<ShellToken> all = split_words(text);
        append(all, Words(rest).subspan(1));
        rest = {{.text = "-"}};
        append(rest, all);
      }
    } else if (is_assignment(word.text)) {
      has_options = false;
    } else if (word.text != "-") {
      break;
    }
    call.before.push_back(rest.front());
    rest.erase(rest.begin());
  }
  call.program = std::move(rest);
  return call;
}

SuCall su_call(std::span<const ShellToken> arguments, bool is_runuser) {
  const ShellWrapper& options = su_options();
  SuCall call;
  std::vector<ShellToken> operands;
  bool is_login = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i].text;
    if (word == "--") {
      append(operands, arguments.subspan(i + 1));
      break;
    }
    if (!is_option(word)) {
      if (word != "-" || is_login || !operands.empty()) operands.push_back(arguments[i]);
      is_login = is_login || word == "-";
      continue;
    }
    // Options may come behind the program as well, and are those of runuser there.
    if (call.is_program && !operands.empty()) call.is_refused = true;
    const bool is_next = takes_value(word, options) && i + 1 < arguments.size();
    call.before.push_back(arguments[i]);
    if (is_runuser && (word.starts_with("--user") || word.starts_with("-u")))
      call.is_program = true;
    const auto line = line_of(word, is_next ? arguments[i + 1].text : std::string());
    if (line) call.lines.push_back(*line);
    if (is_next && !line) call.before.push_back(arguments[i + 1]);
    if (is_next) ++i;
  }
  if (call.is_program) {
    call.is_refused = call.is_refused || !call.lines.empty();
  } else if (!operands.empty()) {
    call.before.push_back(operands.front());
    operands.erase(operands.begin());
  }
  call.rest = std::move(operands);
  return call;
}

std::optional<ShellToken> entrypoint_of(std::span<const ShellToken> options) {
  const std::string name = "--entrypoint";
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::string& word = options[i].text;
    if (word == name && i + 1 < options.size()) return ShellToken{.text = options[i + 1].text};
    if (word.starts_with(name + "=")) return ShellToken{.text = word.substr(name.size() + 1)};
  }
  return std::nullopt;
}

}  // namespace gonogo
