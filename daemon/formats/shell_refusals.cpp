#include "daemon/formats/shell_refusals.h"

#include <algorithm>
#include <array>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Words = std::span<const ShellToken>;

constexpr std::string_view digits = "0123456789";
constexpr std::string_view letters_of_set = "abefimnpsuvxCEIV";

constexpr std::array<std::string_view, 18> options_of_set{
    "errexit",   "noglob", "ignoreeof", "interactive", "monitor", "noexec",
    "stdin",     "xtrace", "verbose",   "vi",          "emacs",   "noclobber",
    "allexport", "notify", "nounset",   "privileged",  "nolog",   "debug"};

constexpr std::array<std::string_view, 20> of_bash{
    "source", "[[",      "pushd",    "popd",      "dirs",    "declare", "typeset",
    "let",    "shopt",   "mapfile",  "readarray", "builtin", "enable",  "disown",
    "coproc", "compgen", "complete", "caller",    "logout",  "select"};

template <std::size_t count>
bool holds(const std::array<std::string_view, count>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

// The parameter at the front of the text in "${...}": a name, a number or a sign.
std::string_view parameter_of(std::string_view text) {
  if (text.empty()) return text;
  std::size_t length = 1;
  if (text[0] >= '0' && text[0] <= '9') {
    length = std::min(text.find_first_not_of(digits), text.size());
  } else if (std::string_view("@*#?-$!").find(text[0]) == std::string_view::npos) {
    for (length = 0; length < text.size(); ++length) {
      if (!is_assignment(std::string(text.substr(0, length + 1)) + "=")) break;
    }
  }
  return text.substr(0, length);
}

// Whether dash knows the text in "${...}".
bool is_known_to_dash(std::string_view text) {
  if (text.size() > 1 && text[0] == '#' && parameter_of(text.substr(1)).size() == text.size() - 1)
    return true;
  const std::string_view name = parameter_of(text);
  if (name.empty()) return false;
  std::string_view rest = text.substr(name.size());
  if (rest.empty() || rest[0] == '%' || rest[0] == '#') return true;
  if (rest[0] == ':') rest.remove_prefix(1);
  return !rest.empty() && std::string_view("-+=?").find(rest[0]) != std::string_view::npos;
}

// "${NAME:?message}" ends every shell where NAME is not set.
bool demands(std::string_view text) {
  const std::string_view rest = text.substr(parameter_of(text).size());
  return rest.starts_with('?') || rest.starts_with(":?");
}

bool is_name(std::string_view text) { return is_assignment(std::string(text) + "="); }

// The target of ">& target"; empty for other redirections.
std::string_view copied_descriptor(std::string_view redirection) {
  redirection.remove_prefix(std::min(redirection.find_first_not_of(digits), redirection.size()));
  if (!redirection.starts_with(">&") && !redirection.starts_with("<&")) return {};
  return trimmed(redirection.substr(2));
}

bool is_descriptor(const ShellToken& redirection, const ShellPlace& place) {
  const std::string_view target = copied_descriptor(redirection.text);
  if (target.empty() || target == "-" || (target.size() == 1 && is_number(target))) return true;
  if (!redirection.is_expanded) return false;
  const std::string name(target.substr(1));
  return !is_name(name) || place.may_be_set(name);
}

std::string refusal_of_set(Words words) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i].text;
    if (word.size() < 2 || word == "--" || (word[0] != '-' && word[0] != '+')) break;
    for (const char letter : std::string_view(word).substr(1)) {
      if (letter == 'o') {
        if (i + 1 < words.size() && !is_option_of_dash(words[++i].text))
          return "has no option " + in_quotes(words[i].text, 40);
      } else if (letters_of_set.find(letter) == std::string_view::npos) {
        return "has no option -" + std::string(1, letter);
      }
    }
  }
  return {};
}

std::string refusal_of_options(Words words, std::string_view known) {
  for (const ShellToken& word : words.subspan(1)) {
    if (word.text.size() < 2 || word.text[0] != '-' || word.text == "--") break;
    if (word.text.find_first_not_of(known, 1) != std::string::npos)
      return "has no option " + in_quotes(word.text, 20);
  }
  return {};
}

// ". FILE": without a slash, it is searched in PATH and nowhere else.
std::string refusal_of_source(Words words, const ShellPlace& place) {
  if (words.size() < 2 || !place.reading.exists || words[1].is_expanded) return {};
  const std::string& path = words[1].text;
  const auto is_missing = [&](const std::string& full) {
    return !place.reading.exists(full).value_or(true);
  };
  if (path.starts_with('/'))
    return is_missing(path) ? "finds no " + in_quotes(path, 100) : std::string();
  const bool is_nowhere = path.find('/') == std::string::npos && !path.starts_with('~') &&
                          place.has_usual_path && is_missing("/usr/bin/" + path) &&
                          is_missing("/bin/" + path);
  return is_nowhere ? "finds no " + in_quotes(path, 100) + " in its PATH" : std::string();
}

std::string refusal_of(Words words, const ShellPlace& place) {
  const std::string& name = words[0].text;
  if (name == "set") return refusal_of_set(words);
  if (name == "export" || name == "readonly") return refusal_of_options(words, "p");
  if (name == "unset") return refusal_of_options(words, "fv");
  if (name == "local" && !place.in_function) return "is not in a function";
  if (name == "shift" && !place.in_function && !place.has_arguments) {
    const bool is_none = words.size() > 1 && (words[1].text == "0" || words[1].is_expanded);
    return is_none ? "" : "has no arguments to shift";
  }
  return name == "." ? refusal_of_source(words, place) : std::string();
}

}  // namespace

std::string refusal_of_expansions(std::span<const ShellToken> tokens, const ShellPlace& place) {
  const bool is_dash = place.reading.dialect == ShellDialect::dash;
  for (const ShellToken& token : tokens) {
    for (const std::string& text : token.parameters) {
      if (is_dash && !parameter_of(text).empty() && !is_known_to_dash(text))
        return "dash stops at \"${" + std::string(parameter_of(text)) +
               "...}\", which it does not know (bash does)";
      const std::string name(parameter_of(text));
      if (name.empty() && place.reading.dialect != ShellDialect::other)
        return "the shell stops at \"${\" with no name behind it";
      if (is_name(name) && demands(text) && !place.may_be_set(name))
        return joined(std::array<std::string, 5>{"the shell stops at \"${", name,
                                                 ":?...}\", because ", name, " is not set"},
                      "");
    }
    if (is_dash && token.kind == ShellToken::Kind::redirection && !is_descriptor(token, place))
      return "dash stops at " + in_quotes(token.text, 40) +
             ", which it takes for the number of a descriptor (write \"> file 2>&1\")";
  }
  return {};
}

std::string refusal_of_builtin(std::span<const ShellToken> words, const ShellPlace& place) {
  if (place.reading.dialect != ShellDialect::dash || words.empty()) return {};
  const std::string refusal = refusal_of(words, place);
  if (refusal.empty()) return {};
  // No more of its words: they may hold a secret.
  return "dash stops at " + in_quotes(words[0].text) + ", because it " + refusal;
}

bool is_missing_in_dash(std::string_view name) { return holds(of_bash, name) || is_number(name); }

bool is_option_of_dash(std::string_view name) { return holds(options_of_set, name); }

}  // namespace gonogo
