#include "daemon/formats/python_tokens.h"

#include <array>
#include <optional>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr std::size_t deepest = 200;  // brackets, as in CPython

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  // A byte of a character outside ASCII belongs to a name.
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

void append_utf8(std::string& text, unsigned long code) {
  const auto put = [&text](unsigned long byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xc0 | (code >> 6));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
  } else {
    put(0xf0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
  }
  put(0x80 | (code & 0x3f));
}

// How a string literal is written, by the letters before its quotes.
struct Form {
  bool is_raw = false;
  bool is_bytes = false;
  bool is_formatted = false;
};

std::optional<Form> form_of(std::string_view prefix) {
  const std::string letters = lower_case(prefix);
  for (const char* known : {"", "u", "r", "b", "f", "br", "rb", "fr", "rf"}) {
    if (letters != known) continue;
    return Form{.is_raw = letters.find('r') != std::string::npos,
                .is_bytes = letters.find('b') != std::string::npos,
                .is_formatted = letters.find('f') != std::string::npos};
  }
  return std::nullopt;
}

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) text_.remove_prefix(3);
  }

  tl::expected<std::vector<PythonLine>, PythonProblem> read() {
    if (text_.find('\0') != std::string_view::npos) complain(1, "the file holds a NUL byte");
    while (!problem_ && at_ < text_.size()) take();
    if (!problem_ && !open_.empty())
      complain(open_.back().line,
               std::string("the bracket ") + open_.back().sign + " is never closed");
    if (problem_) return tl::unexpected(*problem_);
    end_line();
    return std::move(lines_);
  }

 private:
  struct Bracket {
    char sign;
    std::size_t line;
  };

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void complain(std::size_t line, std::string text) {
    if (!problem_) problem_ = PythonProblem{line, std::move(text)};
  }

  void add(PythonToken::Kind kind, std::string text, std::size_t line) {
    if (current_.tokens.empty()) current_.indent = indent_;
    current_.tokens.push_back({kind, std::move(text), line});
  }

  void end_line() {
    if (!current_.tokens.empty()) lines_.push_back(std::move(current_));
    current_ = {};
    indent_ = 0;
  }

  // Takes a line end, written in any of the three ways.
  void take_newline() {
    at_ += peek() == '\r' && peek(1) == '\n' ? 2 : 1;
    ++line_;
  }

  bool is_at_newline() const { return peek() == '\n' || peek() == '\r'; }

  void take() {
    const char c = peek();
    if (is_at_newline()) {
      take_newline();
      if (open_.empty()) end_line();
    } else if (c == ' ' || c == '\t' || c == '\f') {
      if (c == ' ') ++indent_;
      if (c == '\t') indent_ = (indent_ / 8 + 1) * 8;
      if (c == '\f') indent_ = 0;
      ++at_;
    } else if (c == '#') {
      while (at_ < text_.size() && !is_at_newline()) ++at_;
    } else if (c == '\\') {
      take_continuation();
    } else if (is_letter(c)) {
      take_name();
    } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
      take_number();
    } else if (c == '"' || c == '\'') {
      take_string({}, line_);
    } else {
      take_sign();
    }
  }

  void take_continuation() {
    ++at_;
    if (!is_at_newline())
      return complain(line_, "a backslash is not the last character of its line");
    take_newline();
    if (at_ >= text_.size()) complain(line_ - 1, "the file ends behind a backslash");
  }

  void take_name() {
    const std::size_t start = at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    if (peek() == '"' || peek() == '\'') {
      if (const auto form = form_of(name)) return take_string(*form, line_);
    }
    add(PythonToken::Kind::name, std::string(name), line_);
  }

  void take_number() {
    const std::size_t start = at_;
    while (is_letter(peek()) || is_digit(peek()) || peek() == '.') {
      const char c = peek();
      ++at_;
      const bool is_exponent = (c == 'e' || c == 'E') && (peek() == '-' || peek() == '+');
      if (is_exponent && is_digit(peek(1))) ++at_;
    }
    add(PythonToken::Kind::number, std::string(text_.substr(start, at_ - start)), line_);
  }

  void take_string(Form form, std::size_t line) {
    const char quote = peek();
    const bool is_long = peek(1) == quote && peek(2) == quote;
    at_ += is_long ? 3 : 1;
    std::string value;
    bool is_computed = form.is_bytes;
    while (true) {
      if (at_ >= text_.size() || (!is_long && is_at_newline()))
        return complain(line, "a string has no end");
      const char c = peek();
      if (c == quote && (!is_long || (peek(1) == quote && peek(2) == quote))) break;
      if (is_at_newline()) {
        value += '\n';
        take_newline();
      } else if (c == '\\') {
        take_escape(form, value, is_computed, line);
        if (problem_) return;
      } else if (form.is_formatted && (c == '{' || c == '}')) {
        is_computed = is_computed || peek(1) != c;
        value += c;
        at_ += peek(1) == c ? 2 : 1;
      } else {
        value += c;
        ++at_;
      }
    }
    at_ += is_long ? 3 : 1;
    add(is_computed ? PythonToken::Kind::computed : PythonToken::Kind::text, std::move(value),
        line);
  }

  void take_escape(Form form, std::string& value, bool& is_computed, std::size_t line) {
    ++at_;
    if (at_ >= text_.size()) return complain(line, "a string has no end");
    if (is_at_newline()) {
      take_newline();
      if (form.is_raw) value += "\\\n";
      return;
    }
    const char c = peek();
    ++at_;
    if (form.is_raw) {
      value += '\\';
      value += c;
      return;
    }
    constexpr std::string_view letters = "\\'\"abfnrtv";
    constexpr std::string_view meant = "\\'\"\a\b\f\n\r\t\v";
    if (const std::size_t which = letters.find(c); which != std::string_view::npos) {
      value += meant[which];
    } else if (c >= '0' && c <= '7') {
      --at_;
      append_utf8(value, take_digits(8, 1, 3).value_or(0));
    } else if (c == 'N' && !form.is_bytes) {
      is_computed = true;  // a character by its Unicode name
    } else if (c == 'x' || ((c == 'u' || c == 'U') && !form.is_bytes)) {
      const std::size_t count = c == 'x' ? 2 : c == 'u' ? 4 : 8;
      const auto code = take_digits(16, count, count);
      if (!code || *code > 0x10ffff) return complain(line_, "a string has an escape cut short");
      append_utf8(value, *code);
    } else {
      value += '\\';
      value += c;
    }
  }

  std::optional<unsigned long> take_digits(int base, std::size_t least, std::size_t most) {
    unsigned long number = 0;
    std::size_t count = 0;
    for (; count < most; ++count, ++at_) {
      const char c = peek();
      int digit = 99;
      if (is_digit(c)) digit = c - '0';
      if (c >= 'a' && c <= 'f') digit = c - 'a' + 10;
      if (c >= 'A' && c <= 'F') digit = c - 'A' + 10;
      if (digit >= base) break;
      number = number * static_cast<unsigned long>(base) + static_cast<unsigned long>(digit);
    }
    if (count < least) return std::nullopt;
    return number;
  }

  void take_sign() {
    static constexpr std::array signs{
        "**=", "//=", ">>=", "<<=", "...", "!=", "->", ":=", "==", "<=", ">=", "+=",
        "-=",  "*=",  "/=",  "%=",  "&=",  "|=", "^=", "@=", "**", "//", "<<", ">>"};
    for (const std::string_view sign : signs) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      at_ += sign.size();
      return add(PythonToken::Kind::sign, std::string(sign), line_);
    }
    const char c = peek();
    if (std::string_view("()[]{}").find(c) != std::string_view::npos) {
      if (!turn_bracket(c)) return;
    } else if (std::string_view("+-*/%@&|^~<>=.,:;").find(c) == std::string_view::npos) {
      return complain(line_, "Python has no sign " + in_quotes(std::string(1, c)));
    }
    ++at_;
    add(PythonToken::Kind::sign, std::string(1, c), line_);
  }

  // Opens or closes a bracket; false when it does not fit.
  bool turn_bracket(char c) {
    if (c == '(' || c == '[' || c == '{') {
      if (open_.size() >= deepest) complain(line_, "brackets are nested too deeply");
      open_.push_back({c, line_});
      return !problem_;
    }
    const char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (open_.empty() || open_.back().sign != opening) {
      complain(line_, std::string("the bracket ") + c + " closes none");
      return false;
    }
    open_.pop_back();
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t indent_ = 0;  // of the line so far
  std::vector<Bracket> open_;
  PythonLine current_;
  std::vector<PythonLine> lines_;
  std::optional<PythonProblem> problem_;
};

}  // namespace

tl::expected<std::vector<PythonLine>, PythonProblem> tokenize_python(std::string_view text) {
  return Tokenizer(text).read();
}

}  // namespace gonogo
