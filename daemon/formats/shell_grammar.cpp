#include "daemon/formats/shell_grammar.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "daemon/core/text.h"
#include "daemon/formats/shell_tokens.h"

namespace gonogo {
namespace {

using Kind = ShellToken::Kind;

// Commands within commands.
constexpr int deepest = 40;

constexpr std::array<std::string_view, 14> reserved{"!",    "{",    "}",    "case", "do",
                                                    "done", "elif", "else", "esac", "fi",
                                                    "for",  "if",   "then", "until"};

bool is_reserved(std::string_view word) {
  return word == "while" || word == "in" ||
         std::find(reserved.begin(), reserved.end(), word) != reserved.end();
}

// sh(1), "Grammar Conventions" and below.
class Grammar {
 public:
  Grammar(const std::vector<ShellToken>& tokens, ShellDialect dialect)
      : tokens_(tokens), is_dash_(dialect == ShellDialect::dash) {}

  std::string problem() {
    skip_newlines();
    if (!at_end()) read_list();
    if (!at_end()) refuse();
    return problem_;
  }
  // dash leaves out what follows the commands in backquotes; but where a command may begin, there
  // is one, or a word that ends a list.
  std::string problem_of_beginning() {
    skip_newlines();
    if (!at_end() && begins_command()) read_list();
    if (!at_end() && may_begin_command() && !ends_list()) refuse();
    return problem_;
  }

 private:
  bool at_end() const { return at_ == tokens_.size() || !problem_.empty(); }
  bool is_operation(std::string_view sign) const {
    return !at_end() && tokens_[at_].kind == Kind::operation && tokens_[at_].text == sign;
  }
  bool is_word(std::string_view word) const {
    return !at_end() && tokens_[at_].kind == Kind::word && !tokens_[at_].is_quoted &&
           tokens_[at_].text == word;
  }
  bool is_redirection() const { return !at_end() && tokens_[at_].kind == Kind::redirection; }
  bool is_any_word() const { return !at_end() && tokens_[at_].kind == Kind::word; }
  bool take_operation(std::string_view sign) {
    if (!is_operation(sign)) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!is_word(word)) return false;
    ++at_;
    return true;
  }

  void refuse() {
    if (!problem_.empty()) return;
    problem_ = at_ == tokens_.size() ? "it ends within a command"
                                     : in_quotes(tokens_[at_].text, 40) + " is not expected there";
  }
  void expect_word(std::string_view word) {
    if (take_word(word) || !problem_.empty()) return;
    const std::string wanted = in_quotes(word) + " is missing";
    problem_ =
        at_ == tokens_.size() ? wanted : wanted + " before " + in_quotes(tokens_[at_].text, 40);
  }
  void expect_operation(std::string_view sign) {
    if (!take_operation(sign)) refuse();
  }

  void skip_newlines() {
    while (take_operation("\n")) {
    }
  }

  // Commands with ";", "&" or a line end behind each; at least one.
  void read_list() {
    if (++depth_ > deepest) problem_ = "it nests too deep";
    skip_newlines();
    do {
      read_and_or();
      if (!take_separator()) break;
      skip_newlines();
    } while (!at_end() && begins_command());
    --depth_;
  }
  bool take_separator() {
    return take_operation(";") || take_operation("&") || take_operation("\n");
  }
  bool begins_command() const {
    if (!is_any_word()) return is_redirection() || is_operation("(");
    if (tokens_[at_].is_quoted || !is_reserved(tokens_[at_].text)) return true;
    for (const std::string_view word : {"!", "{", "case", "for", "if", "until", "while"}) {
      if (is_word(word)) return true;
    }
    return false;
  }

  bool may_begin_command() const {
    if (at_ == 0) return true;
    const ShellToken& before = tokens_[at_ - 1];
    return before.kind == Kind::operation &&
           (before.text == ";" || before.text == "&" || before.text == "\n");
  }
  bool ends_list() const {
    constexpr std::array<std::string_view, 8> words{"}",    "do",   "done", "elif",
                                                    "else", "esac", "fi",   "then"};
    return is_operation(")") || is_operation(";;") ||
           std::any_of(words.begin(), words.end(),
                       [this](std::string_view word) { return is_word(word); });
  }

  void read_and_or() {
    do {
      skip_newlines();
      read_pipeline();
    } while (take_operation("&&") || take_operation("||"));
  }

  void read_pipeline() {
    if (!is_dash_) take_word("time");
    while (take_word("!")) {
      if (is_dash_) break;
    }
    const bool is_empty = !is_dash_ && at_ > 0 && (at_end() || is_operation(";"));
    if (is_empty && (tokens_[at_ - 1].text == "!" || tokens_[at_ - 1].text == "time")) return;
    do {
      skip_newlines();
      read_command();
    } while (take_operation("|") || (!is_dash_ && take_operation("|&")));
  }

  void read_command() {
    if (at_end() || !begins_command() || is_word("!")) return refuse();
    if (take_operation("(")) {
      read_list();
      expect_operation(")");
    } else if (take_word("{")) {
      read_list();
      expect_word("}");
    } else if (take_word("if")) {
      read_if();
    } else if (take_word("while") || take_word("until")) {
      read_list();
      read_do();
    } else if (take_word("for")) {
      read_for();
    } else if (take_word("case")) {
      read_case();
    } else {
      return read_simple();
    }
    while (is_redirection()) read_redirection();
  }

  void read_if() {
    do {
      read_list();
      expect_word("then");
      read_list();
    } while (take_word("elif"));
    if (take_word("else")) read_list();
    expect_word("fi");
  }

  void read_do() {
    expect_word("do");
    read_list();
    expect_word("done");
  }

  void read_for() {
    if (!is_any_word() || (is_dash_ && !is_name(tokens_[at_]))) return refuse();
    ++at_;
    skip_newlines();
    if (take_word("in")) {
      while (is_any_word()) ++at_;
      if (!take_operation(";") && !take_operation("\n")) return refuse();
    } else {
      take_operation(";");
    }
    skip_newlines();
    read_do();
  }

  void read_case() {
    if (!is_any_word()) return refuse();
    ++at_;
    skip_newlines();
    expect_word("in");
    skip_newlines();
    while (!at_end() && !is_word("esac")) {
      take_operation("(");
      do {
        if (!is_any_word()) return refuse();
        ++at_;
      } while (take_operation("|"));
      expect_operation(")");
      skip_newlines();
      if (!is_operation(";;") && !is_word("esac")) read_list();
      skip_newlines();
      if (!take_operation(";;")) break;
      skip_newlines();
    }
    expect_word("esac");
  }

  void read_simple() {
    std::size_t words = 0;
    bool is_plain = true;
    while (is_any_word() || is_redirection()) {
      if (is_redirection()) {
        is_plain = false;
        read_redirection();
        continue;
      }
      is_plain = is_plain && !tokens_[at_].is_quoted;
      if (is_dash_ && is_substitution_of_process()) return refuse();
      ++words;
      ++at_;
    }
    if (!is_operation("(")) return;
    // "name()" defines a function.
    if (words != 1 || !is_plain || (is_dash_ && !is_name(tokens_[at_ - 1]))) return refuse();
    ++at_;
    expect_operation(")");
    skip_newlines();
    const bool is_compound = is_operation("(") || (is_any_word() && !tokens_[at_].is_quoted &&
                                                   is_reserved(tokens_[at_].text));
    if (!is_dash_ && !is_compound) return refuse();
    read_command();
  }

  static bool is_name(const ShellToken& token) {
    return !token.is_quoted && is_assignment(token.text + "=");
  }

  bool is_substitution_of_process() const {
    return tokens_[at_].text.starts_with("<(") || tokens_[at_].text.starts_with(">(");
  }

  void read_redirection() {
    if (!is_known(tokens_[at_].text)) return refuse();
    if (is_dash_ && leads_to_process(tokens_[at_])) return refuse();
    ++at_;
  }

  // "> >(program)", "< <(program)"
  static bool leads_to_process(const ShellToken& redirection) {
    std::string_view target(redirection.text);
    target.remove_prefix(std::min(target.find_first_of("<>&"), target.size()));
    while (!target.empty() && std::string_view("<>&|").find(target[0]) != std::string_view::npos &&
           !target.substr(1).starts_with('('))
      target.remove_prefix(1);
    target = trimmed(target);
    return !redirection.substitutions.empty() &&
           (target.starts_with("<(") || target.starts_with(">("));
  }

  bool is_known(std::string_view text) const {
    text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size()));
    const std::size_t length = std::min(text.find_first_not_of("<>&|"), text.size());
    constexpr std::array<std::string_view, 11> signs{"<",  ">",  ">>",  "<<", "<&", ">&",
                                                     "<>", ">|", "<<<", "&>", "&>>"};
    const auto* const of_dash = signs.begin() + 8;
    const auto* const found = std::find(signs.begin(), signs.end(), text.substr(0, length));
    return found < (is_dash_ ? of_dash : signs.end());
  }

  const std::vector<ShellToken>& tokens_;
  bool is_dash_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string problem_;
};

// dash reads "&> file" as "&" and "> file".
std::vector<ShellToken> as_dash_reads(const std::vector<ShellToken>& tokens) {
  std::vector<ShellToken> read;
  for (ShellToken token : tokens) {
    if (token.kind == Kind::redirection && token.text.starts_with("&>")) {
      read.push_back({.kind = Kind::operation, .text = "&"});
      token.text.erase(0, 1);
    }
    read.push_back(std::move(token));
  }
  return read;
}

// What only bash has, and is not read here.
bool has_more_of_bash(const std::vector<ShellToken>& tokens) {
  bool has_case = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const ShellToken& token = tokens[i];
    const bool is_before_bracket =
        i + 1 < tokens.size() && tokens[i + 1].kind == Kind::operation && tokens[i + 1].text == "(";
    const bool is_bracket = token.kind == Kind::operation && token.text == "(";
    if (is_bracket && is_before_bracket) return true;
    if (token.kind == Kind::word && is_before_bracket && token.text.ends_with('=')) return true;
    has_case = has_case || (token.kind == Kind::word && token.text == "case");
    if (has_case && token.kind == Kind::operation && token.text.starts_with(';') &&
        i + 1 < tokens.size() && tokens[i + 1].kind == Kind::operation && tokens[i + 1].text == "&")
      return true;
    for (const std::string_view word : {"[[", "function", "select", "coproc"}) {
      if (token.kind == Kind::word && token.text == word) return true;
    }
  }
  return false;
}

std::string problem_of(std::string_view line, ShellDialect dialect, bool is_backquoted, int depth) {
  if (depth > deepest) return "it nests too deep";
  const bool is_dash = dialect == ShellDialect::dash;
  std::string problem;
  auto tokens = shell_tokens(line, problem);
  if (!tokens) return problem;
  if (is_dash) tokens = as_dash_reads(*tokens);
  Grammar grammar(*tokens, dialect);
  if (is_dash || !has_more_of_bash(*tokens))
    problem = is_backquoted ? grammar.problem_of_beginning() : grammar.problem();
  for (const ShellToken& token : *tokens) {
    for (const std::string& command : token.substitutions) {
      const bool in_backquotes = token.text.find("`" + command + "`") != std::string::npos;
      // bash reads what is in backquotes only when it runs it.
      if (problem.empty() && (is_dash || !in_backquotes))
        problem = problem_of(command, dialect, in_backquotes, depth + 1);
    }
  }
  return problem;
}

}  // namespace

std::string shell_syntax_problem(std::string_view line, ShellDialect dialect) {
  if (dialect == ShellDialect::other) return {};
  // The line is an argument behind "-c", and options may follow that.
  if (line.starts_with('-') || line.starts_with('+'))
    return "it begins with " + in_quotes(line.substr(0, 1)) +
           ", which the shell takes for an option";
  return problem_of(line, dialect, false, 0);
}

}  // namespace gonogo
