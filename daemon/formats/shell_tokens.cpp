#include "daemon/formats/shell_tokens.h"

#include <algorithm>
#include <utility>

namespace gonogo {
namespace {

// Brackets and quotes within one another; no command line of a crontab needs more.
constexpr int deepest = 50;

struct Nesting {
  explicit Nesting(int& level) : depth(level) { ++depth; }
  ~Nesting() { --depth; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;
  int& depth;
};

bool is_name_character(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

class Lexer {
 public:
  explicit Lexer(std::string_view line) : rest_(line) {}

  std::optional<std::vector<ShellToken>> read(std::string& problem) {
    const char* end = nullptr;
    while (problem_.empty() && skip_blanks()) {
      const bool is_adjacent = rest_.data() == end;
      const std::size_t count = tokens_.size();
      read_token();
      end = rest_.data();
      if (tokens_.size() > count) tokens_.back().is_adjacent = is_adjacent;
    }
    problem = problem_;
    if (!problem_.empty()) return std::nullopt;
    return std::move(tokens_);
  }

 private:
  bool is_at(std::string_view text) const { return rest_.starts_with(text); }
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  // False at the end. A # at the start of a word begins a comment.
  bool skip_blanks() {
    while (!rest_.empty()) {
      const std::size_t blanks = rest_.find_first_not_of(" \t");
      rest_.remove_prefix(std::min(blanks, rest_.size()));
      if (is_at("\\\n")) {
        rest_.remove_prefix(2);
      } else if (is_at("#")) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else {
        break;
      }
    }
    return !rest_.empty();
  }

  void read_token() {
    if (reads_redirection()) return;
    for (const std::string_view sign : {"&&", "||", ";;", "|&", ";", "&", "|", "(", ")", "\n"}) {
      if (!is_at(sign)) continue;
      rest_.remove_prefix(sign.size());
      tokens_.push_back({.kind = ShellToken::Kind::operation, .text = std::string(sign)});
      return;
    }
    tokens_.push_back(read_word());
  }

  // "2>&1", ">> file", "&> file", "<<< text".
  bool reads_redirection() {
    std::size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') ++digits;
    const std::string_view sign = rest_.substr(digits);
    if (sign.starts_with("<(") || sign.starts_with(">(")) return false;
    const bool is_both = digits == 0 && sign.starts_with("&>");
    if (!is_both && !sign.starts_with('<') && !sign.starts_with('>')) return false;
    const std::size_t length =
        std::min(sign.find_first_not_of("<>&|", is_both ? 1 : 0), sign.size());
    ShellToken token{.kind = ShellToken::Kind::redirection,
                     .text = std::string(rest_.substr(0, digits + length))};
    rest_.remove_prefix(digits + length);
    const bool has_blank = is_at(" ") || is_at("\t");
    const bool is_more = skip_blanks();
    const bool is_process = is_at("<(") || is_at(">(");
    const std::size_t next = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const bool is_numbered = next > 0 && next < rest_.size() &&  // "> 2>&1"
                             (rest_[next] == '<' || rest_[next] == '>');
    if (!is_more || is_numbered ||
        (!is_process &&
         std::string_view(";&|()<>\n").find(rest_.front()) != std::string_view::npos)) {
      problem_ = "a redirection has no target";
      return true;
    }
    ShellToken target = read_word();
    token.text += (has_blank ? " " : "") + target.text;
    token.is_expanded = target.is_expanded;
    token.parameters = std::move(target.parameters);
    token.substitutions = std::move(target.substitutions);
    tokens_.push_back(std::move(token));
    return true;
  }

  ShellToken read_word() {
    ShellToken word;
    while (problem_.empty() && !rest_.empty() &&
           std::string_view(" \t\n;&|()<>").find(rest_.front()) == std::string_view::npos)
      read_part(word);
    if (word.text.empty() && !word.is_quoted && (is_at("<(") || is_at(">("))) {
      word.text += take();
      read_brackets(word);
    }
    return word;
  }

  void read_part(ShellToken& word) {
    const char c = rest_.front();
    if (c == '\'') {
      take();
      word.is_quoted = true;
      const std::size_t length = rest_.find('\'');
      if (length == std::string_view::npos) {
        problem_ = "a single quote is not closed";
        return;
      }
      word.text += rest_.substr(0, length);
      rest_.remove_prefix(length + 1);
    } else if (c == '"') {
      take();
      word.is_quoted = true;
      read_double_quotes(word);
    } else if (c == '\\') {
      take();
      if (rest_.empty()) {
        word.text += c;
      } else if (const char next = take(); next != '\n') {
        word.text += next;
        word.is_quoted = true;
      }
    } else {
      read_plain(word);
    }
  }

  void read_double_quotes(ShellToken& word) {
    while (problem_.empty()) {
      if (rest_.empty()) {
        problem_ = "a double quote is not closed";
      } else if (is_at("\"")) {
        take();
        return;
      } else if (is_at("\\") && rest_.size() > 1 &&
                 std::string_view("$`\"\\\n").find(rest_[1]) != std::string_view::npos) {
        take();
        if (const char next = take(); next != '\n') word.text += next;
      } else {
        read_plain(word);
      }
    }
  }

  // A character, or what begins with it and is expanded.
  void read_plain(ShellToken& word) {
    word.is_expanded = word.is_expanded || is_at("$") || is_at("`");
    if (is_at("$(")) {
      word.text += take();
      read_brackets(word);
    } else if (is_at("${")) {
      read_braces(word);
    } else if (is_at("`")) {
      read_backquotes(word);
    } else {
      word.text += take();
    }
  }

  // From "(" to the ")" that closes it: another command line.
  void read_brackets(ShellToken& word) {
    const Nesting nesting(depth_);
    const std::string_view begin = rest_;
    take();
    int depth = 1;
    bool at_word_start = true;
    ShellToken skipped;
    while (problem_.empty() && depth > 0) {
      if (rest_.empty() || depth > deepest || depth_ > deepest) {
        problem_ = "a $( is not closed";
        return;
      }
      const char c = rest_.front();
      if (c == '#' && at_word_start) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
        continue;
      }
      at_word_start = c == ' ' || c == '\t' || c == '\n' || c == ';' || c == '(' || c == '|';
      if (c == '(' || c == ')') {
        depth += c == '(' ? 1 : -1;
        take();
      } else if (c == '\'' || c == '"' || c == '\\') {
        read_part(skipped);
      } else {
        take();
      }
    }
    const std::string_view all = begin.substr(0, begin.size() - rest_.size());
    word.text += all;
    const bool is_arithmetic = all.starts_with("((") && all.ends_with("))");
    if (problem_.empty() && !is_arithmetic)
      word.substitutions.emplace_back(all.substr(1, all.size() - 2));
  }

  void read_braces(ShellToken& word) {
    const Nesting nesting(depth_);
    word.text += take();
    word.text += take();
    std::vector<std::size_t> begins{word.text.size()};
    for (int depth = 1; problem_.empty() && depth > 0;) {
      if (rest_.empty() || depth > deepest || depth_ > deepest) {
        problem_ = "a ${ is not closed";
      } else if (is_at("}")) {
        --depth;
        word.parameters.push_back(word.text.substr(begins.back()));
        begins.pop_back();
        word.text += take();
      } else if (is_at("${")) {
        ++depth;
        word.text += take();
        word.text += take();
        begins.push_back(word.text.size());
      } else {
        read_part(word);
      }
    }
  }

  void read_backquotes(ShellToken& word) {
    take();
    std::string command;
    while (!rest_.empty() && !is_at("`")) {
      if (is_at("\\") && rest_.size() > 1) take();
      command += take();
    }
    if (rest_.empty()) {
      problem_ = "a backquote is not closed";
      return;
    }
    take();
    word.text += "`" + command + "`";
    word.substitutions.push_back(std::move(command));
  }

  std::string_view rest_;
  int depth_ = 0;
  std::string problem_;
  std::vector<ShellToken> tokens_;
};

}  // namespace

std::optional<std::vector<ShellToken>> shell_tokens(std::string_view line, std::string& problem) {
  return Lexer(line).read(problem);
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  if (word.front() >= '0' && word.front() <= '9') return false;
  const std::string_view name = word.substr(0, word[equals - 1] == '+' ? equals - 1 : equals);
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_character);
}

}  // namespace gonogo
