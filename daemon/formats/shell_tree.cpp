#include "daemon/formats/shell_tree.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gonogo {
namespace {

using Kind = ShellCommand::Kind;
using Token = ShellToken::Kind;

// Commands within commands.
constexpr int deepest = 40;

constexpr std::array<std::string_view, 8> closing_words{"then", "do",   "done", "fi",
                                                        "elif", "else", "esac", "}"};

class Parser {
 public:
  Parser(const std::vector<ShellToken>& tokens, ShellDialect dialect, std::string& problem)
      : tokens_(tokens), is_dash_(dialect == ShellDialect::dash), problem_(problem) {}

  ShellList read() {
    ShellList list;
    while (!at_end()) {
      const std::size_t begin = at_;
      for (ShellAndOr& item : read_list()) list.push_back(std::move(item));
      if (at_ == begin) list.push_back(stray());
    }
    return list;
  }

 private:
  bool at_end() const { return at_ >= tokens_.size() || !problem_.empty(); }
  const ShellToken& token() const { return tokens_[at_]; }
  bool is_sign(std::string_view sign) const {
    return !at_end() && token().kind == Token::operation && token().text == sign;
  }
  bool is_any_word() const { return !at_end() && token().kind == Token::word; }
  bool is_word(std::string_view word) const {
    return is_any_word() && !token().is_quoted && token().text == word;
  }
  bool is_double(std::string_view sign) const {
    return is_sign(sign) && at_ + 1 < tokens_.size() && tokens_[at_ + 1].kind == Token::operation &&
           tokens_[at_ + 1].text == sign && tokens_[at_ + 1].is_adjacent;
  }
  bool take_sign(std::string_view sign) {
    const bool is_there = is_sign(sign);
    if (is_there) ++at_;
    return is_there;
  }
  bool take_word(std::string_view word) {
    const bool is_there = is_word(word);
    if (is_there) ++at_;
    return is_there;
  }
  void skip_lines() {
    while (take_sign("\n")) {
    }
  }

  ShellAndOr stray() {
    ShellCommand command{.kind = Kind::stray, .words = {token()}};
    ++at_;
    ShellAndOr item;
    item.pipelines.push_back({.commands = {std::move(command)}});
    return item;
  }

  bool is_closed() const {
    if (at_end() || is_sign(")")) return true;
    if (token().kind == Token::operation && token().text.starts_with(";;")) return true;
    return is_any_word() && !token().is_quoted &&
           std::find(closing_words.begin(), closing_words.end(), token().text) !=
               closing_words.end();
  }

  ShellList read_list() {
    ShellList list;
    if (++depth_ > deepest) problem_ = "is nested too deep";
    for (skip_lines(); !is_closed(); skip_lines()) {
      const std::size_t begin = at_;
      ShellAndOr item = read_and_or();
      for (const std::string_view sign : {";", "&", "\n"}) {
        if (item.end.empty() && take_sign(sign)) item.end = sign;
      }
      if (at_ == begin) item = stray();
      list.push_back(std::move(item));
    }
    --depth_;
    return list;
  }

  ShellAndOr read_and_or() {
    ShellAndOr item;
    while (true) {
      item.pipelines.push_back(read_pipeline());
      if (!is_sign("&&") && !is_sign("||")) break;
      item.signs.push_back(token().text);
      ++at_;
      skip_lines();
    }
    return item;
  }

  ShellPipeline read_pipeline() {
    ShellPipeline pipeline;
    while (!at_end()) {
      if (take_word("!")) {
        pipeline.is_negated = !pipeline.is_negated;
      } else if (!is_dash_ && take_word("time")) {
        pipeline.is_timed = true;
        take_word("-p");
        take_word("--");
      } else {
        break;
      }
    }
    while (true) {
      pipeline.commands.push_back(read_command());
      if (!take_sign("|") && !take_sign("|&")) break;
      skip_lines();
    }
    return pipeline;
  }

  ShellCommand read_command() {
    ShellCommand command;
    const auto list = [&] { command.lists.push_back(read_list()); };
    if (!is_dash_ && is_double("(")) {
      read_arithmetic(command);
    } else if (take_sign("(")) {
      command.kind = Kind::subshell;
      list();
      take_sign(")");
    } else if (take_word("{")) {
      command.kind = Kind::group;
      list();
      take_word("}");
    } else if (take_word("if")) {
      read_if(command);
    } else if (is_word("while") || is_word("until")) {
      command.kind = is_word("while") ? Kind::loop : Kind::until_loop;
      ++at_;
      list();
      read_do(command);
    } else if (take_word("for") || (!is_dash_ && take_word("select"))) {
      read_for(command);
    } else if (take_word("case")) {
      read_case(command);
    } else if (!is_dash_ && take_word("function")) {
      if (is_any_word()) command.words.push_back(tokens_[at_++]);
      if (take_sign("(")) take_sign(")");
      read_body(command);
    } else {
      read_simple(command);
      return command;
    }
    while (!at_end() && token().kind == Token::redirection)
      command.redirections.push_back(tokens_[at_++]);
    return command;
  }

  // "((...))", to its end.
  void read_arithmetic(ShellCommand& command) {
    command.kind = Kind::arithmetic;
    for (int open = 0; !at_end();) {
      open += is_sign("(") ? 1 : is_sign(")") ? -1 : 0;
      command.words.push_back(tokens_[at_++]);
      if (open == 0) return;
    }
  }

  void read_if(ShellCommand& command) {
    command.kind = Kind::conditional;
    do {
      command.lists.push_back(read_list());
      take_word("then");
      command.lists.push_back(read_list());
    } while (take_word("elif"));
    if (take_word("else")) command.lists.push_back(read_list());
    take_word("fi");
  }

  void read_do(ShellCommand& command) {
    skip_lines();
    take_word("do");
    command.lists.push_back(read_list());
    take_word("done");
  }

  void read_for(ShellCommand& command) {
    command.kind = Kind::each_loop;
    if (is_double("(")) {
      read_arithmetic(command);
      command.kind = Kind::each_loop;
      command.has_words = true;
    } else if (is_any_word()) {
      command.words.push_back(tokens_[at_++]);
    }
    skip_lines();
    if (take_word("in")) {
      command.has_words = true;
      while (is_any_word()) command.words.push_back(tokens_[at_++]);
    }
    take_sign(";");
    read_do(command);
  }

  void read_case(ShellCommand& command) {
    command.kind = Kind::choice;
    if (is_any_word()) command.words.push_back(tokens_[at_++]);
    skip_lines();
    take_word("in");
    for (skip_lines(); !at_end() && !is_word("esac"); skip_lines()) {
      const std::size_t begin = at_;
      take_sign("(");
      std::vector<ShellToken> patterns;
      while (is_any_word() || is_sign("|")) {
        if (is_any_word()) patterns.push_back(token());
        ++at_;
      }
      take_sign(")");
      command.patterns.push_back(std::move(patterns));
      command.lists.push_back(read_list());
      if (!at_end() && token().kind == Token::operation && token().text.starts_with(";;")) ++at_;
      take_sign("&");  // ";;&"
      if (at_ == begin) break;
    }
    take_word("esac");
  }

  // What a function does.
  void read_body(ShellCommand& command) {
    command.kind = Kind::function;
    skip_lines();
    if (++depth_ > deepest) problem_ = "is nested too deep";
    if (at_end()) return;
    ShellAndOr item;
    item.pipelines.push_back({.commands = {read_command()}});
    --depth_;
    command.lists.emplace_back();
    command.lists.back().push_back(std::move(item));
  }

  void read_simple(ShellCommand& command) {
    if (!is_dash_ && is_word("[[")) {
      command.kind = Kind::arithmetic;
      while (!at_end()) {
        command.words.push_back(tokens_[at_++]);
        if (command.words.back().text == "]]") return;
      }
      return;
    }
    while (!at_end() && token().kind != Token::operation) {
      const bool is_redirection = token().kind == Token::redirection;
      (is_redirection ? command.redirections : command.words).push_back(tokens_[at_++]);
      if (!is_redirection && !is_dash_ && command.words.back().text.ends_with('='))
        read_array(command.words.back());
    }
    if (!is_sign("(")) return;
    // "name()" defines a function; any other word before a bracket is an error.
    if (command.words.size() > 1) problem_ = "a bracket follows a word";
    if (command.words.size() != 1) return;
    ++at_;
    take_sign(")");
    read_body(command);
  }

  // The words of "NAME=(...)" run nothing, but what they have in "$(...)" does.
  void read_array(ShellToken& name) {
    if (!is_sign("(") || !token().is_adjacent) return;
    for (; !at_end() && !is_sign(")"); ++at_) {
      const std::vector<std::string>& commands = token().substitutions;
      name.substitutions.insert(name.substitutions.end(), commands.begin(), commands.end());
    }
    take_sign(")");
  }

  const std::vector<ShellToken>& tokens_;
  bool is_dash_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::string& problem_;
};

}  // namespace

ShellList shell_tree(const std::vector<ShellToken>& tokens, ShellDialect dialect,
                     std::string& problem) {
  return Parser(tokens, dialect, problem).read();
}

}  // namespace gonogo
