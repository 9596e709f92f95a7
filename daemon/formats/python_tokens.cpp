#include "daemon/formats/python_tokens.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "daemon/core/text.h"
#include "daemon/core/utf8.h"

namespace gonogo {
namespace {

constexpr std::size_t deepest = 200;  // brackets, as in CPython

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  // A byte of a character outside ASCII belongs to a name.
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
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
    const bool has_mark = text_.starts_with("\xef\xbb\xbf");
    if (has_mark) text_.remove_prefix(3);
    decode(has_mark);
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

  // What the first or the second line says of the coding (docs.python.org, "Encoding
  // declarations").
  void decode(bool has_mark) {
    static const RE2 said(
        R"((?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*([-\w.]+))");
    static const RE2 utf8(R"((?i)utf[-_]?8(?:[-_](?:sig|unix|dos|mac))?|u8)");
    static const RE2 ascii(R"((?i)(?:us[-_])?ascii|646)");
    static const RE2 latin1(
        R"((?i)latin[-_]?1(?:[-_](?:unix|dos|mac))?|l1|iso[-_]?8859[-_]1|iso[-_]latin[-_]1|8859|cp819)");
    std::string coding;
    re2::StringPiece rest(text_.data(), text_.size());
    if (!RE2::Consume(&rest, said, &coding)) coding = "utf-8";
    // Which characters those outside ASCII are does not matter where they are no value.
    static const RE2 one_byte(
        R"((?i)(?:iso[-_]?8859[-_]\d{1,2}|latin[-_]?\d{1,2}|(?:cp|windows[-_])125\d|koi8[-_][ru]|mac[-_]?roman)(?:[-_](?:unix|dos|mac))?)");
    is_other_ = !RE2::FullMatch(coding, latin1) && RE2::FullMatch(coding, one_byte);
    if ((is_other_ || RE2::FullMatch(coding, latin1)) && !has_mark) {
      for (const char c : text_) append_utf8(decoded_, static_cast<unsigned char>(c));
      text_ = decoded_;
      return;
    }
    const bool is_ascii = RE2::FullMatch(coding, ascii) && !has_mark;
    if (!is_ascii && !RE2::FullMatch(coding, utf8))
      return complain(1, "its coding is " + in_quotes(coding, 40) +
                             ", and only UTF-8 and codings such as Latin-1 are read" +
                             (has_mark ? " (it begins with the mark of UTF-8)" : ""));
    std::size_t line = 1;
    for (const char c : text_) {
      if (c == '\n') ++line;
      if (is_ascii && static_cast<unsigned char>(c) >= 0x80)
        return complain(line, "it is not ASCII, as its coding says");
    }
  }

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void complain(std::size_t line, std::string text) {
    if (!problem_) problem_ = PythonProblem{line, std::move(text)};
  }

  void add(PythonToken::Kind kind, std::string text, std::size_t line) {
    if (current_.tokens.empty()) {
      current_.indent = indent_;
      current_.least_indent = least_indent_;
    }
    current_.tokens.push_back({kind, std::move(text), line});
  }

  void end_line() {
    if (!current_.tokens.empty()) lines_.push_back(std::move(current_));
    current_ = {};
    indent_ = least_indent_ = 0;
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
      ++least_indent_;
      if (c == '\f') indent_ = least_indent_ = 0;
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
    static const RE2 known(
        R"([_\p{L}\p{Nl}\x{2118}\x{212e}\x{309b}\x{309c}][\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}\x{b7}\x{387}\x{1369}-\x{1371}\x{19da}\x{2118}\x{212e}\x{309b}\x{309c}]*)");
    if (!is_other_ && !RE2::FullMatch(name, known)) return refuse_character(name);
    add(PythonToken::Kind::name, std::string(name), line_);
  }

  // A quotation mark of a word processor, a no-break space.
  void refuse_character(std::string_view name) {
    static const RE2 other(R"(([^_\p{L}\p{Nl}\p{Mn}\p{Mc}\p{Nd}\p{Pc}]))");
    std::string character(name);
    RE2::PartialMatch(name, other, &character);
    std::string bytes;
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : character) {
      const auto byte = static_cast<unsigned char>(c);
      bytes += std::string("\\x") + digits[byte >> 4U] + digits[byte & 15U];
    }
    complain(line_, "Python has no character " + in_quotes(character) + " (" + bytes +
                        ") outside of texts");
  }

  // Followed by no letter or digit, unless that begins a keyword ("1if x else 2").
  void take_number() {
    static const RE2 number(
        R"((?i)(?:(?:\d(?:_?\d)*)?\.\d(?:_?\d)*(?:e[-+]?\d(?:_?\d)*)?|\d(?:_?\d)*\.(?:e[-+]?\d(?:_?\d)*)?|\d(?:_?\d)*e[-+]?\d(?:_?\d)*)j?|\d(?:_?\d)*j|0x(?:_?[0-9a-f])+|0b(?:_?[01])+|0o(?:_?[0-7])+|0(?:_?0)*|[1-9](?:_?\d)*)");
    static const RE2 keyword(R"((?:and|else|for|if|in|is|not|or)(?:[^\w]|$))");
    re2::StringPiece rest(text_.data() + at_, text_.size() - at_);
    const std::size_t start = at_;
    RE2::Consume(&rest, number);
    at_ = text_.size() - rest.size();
    if ((is_letter(peek()) || is_digit(peek())) && !RE2::Consume(&rest, keyword)) {
      while (is_letter(peek()) || is_digit(peek())) ++at_;
      return complain(line_,
                      "Python has no number " + in_quotes(text_.substr(start, at_ - start), 40));
    }
    add(PythonToken::Kind::number, std::string(text_.substr(start, at_ - start)), line_);
  }

  void take_string(Form form, std::size_t line) {
    const char quote = peek();
    const bool is_long = peek(1) == quote && peek(2) == quote;
    at_ += is_long ? 3 : 1;
    const std::size_t start = at_;
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
    const bool is_ascii = std::all_of(value.begin(), value.end(), [](char character) {
      return static_cast<unsigned char>(character) < 0x80;
    });
    is_computed = is_computed || (is_other_ && !is_ascii);
    // In a comment Python does not mind.
    if (!is_utf8(text_.substr(start, at_ - start)))
      return complain(line, "a string is not UTF-8, and no other coding is named");
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

  std::string decoded_;
  bool is_other_ = false;  // its coding has other characters outside ASCII
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t indent_ = 0;  // of the line so far
  std::size_t least_indent_ = 0;
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
