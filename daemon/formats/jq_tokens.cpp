#include "daemon/formats/jq_tokens.h"

#include <algorithm>
#include <string>

namespace gonogo {
namespace {

using Kind = JqToken::Kind;
using Token = JqToken;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_in_word(char c) { return begins_word(c) || is_digit(c); }

// jq's tokens as far as harmless expressions have them. Nothing for any other text.
class Tokens {
 public:
  static std::optional<std::vector<JqToken>> of(std::string_view text) {
    Tokens reading(text);
    std::vector<Token> tokens;
    while (true) {
      const auto token = reading.next();
      if (!token) return std::nullopt;
      tokens.push_back(*token);
      if (token->kind == Kind::end) return tokens;
    }
  }

 private:
  explicit Tokens(std::string_view text) : rest_(text) {}

  Token take(Kind kind, std::size_t size) {
    const Token token{kind, rest_.substr(0, size)};
    rest_.remove_prefix(size);
    return token;
  }

  std::optional<Token> next() {
    if (!skip_blanks()) return std::nullopt;
    if (rest_.empty()) return Token{};
    const char first = rest_[0];
    if (first == '"') return string();
    if (is_digit(first)) return number();
    if (first == '$') return variable();
    if (begins_word(first)) {
      const std::size_t size = word_from(0);
      if (rest_.substr(size).starts_with("::")) return std::nullopt;
      return take(Kind::word, size);
    }
    if (first == '.') {
      if (rest_.size() > 1 && begins_word(rest_[1])) return take(Kind::field, word_from(1));
      if (rest_.size() > 1 && is_digit(rest_[1])) return number();
      return take(Kind::mark, rest_.starts_with("..") ? 2 : 1);
    }
    return mark();
  }

  // False at a comment that ends with a backslash: jq 1.7 goes on with it in the next line.
  bool skip_blanks() {
    while (!rest_.empty()) {
      if (rest_[0] == '#') {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        if (rest_[end - 1] == '\\') return false;
        rest_.remove_prefix(end);
      } else if (rest_[0] == ' ' || rest_[0] == '\t' || rest_[0] == '\n') {
        rest_.remove_prefix(1);
      } else {
        break;
      }
    }
    return true;
  }

  std::optional<Token> variable() {
    if (rest_.size() < 2 || !begins_word(rest_[1])) return std::nullopt;
    const std::size_t size = word_from(1);
    if (rest_.substr(size).starts_with("::")) return std::nullopt;
    return take(Kind::variable, size);
  }

  std::size_t word_from(std::size_t at) const {
    while (at < rest_.size() && is_in_word(rest_[at])) ++at;
    return at;
  }

  // Without the quotes. One with \(...) in it computes something.
  std::optional<Token> string() {
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        Token token = take(Kind::string, i + 1);
        token.text = token.text.substr(1, i - 1);
        return token;
      }
      if (rest_[i] == '\\' && ++i < rest_.size() && rest_[i] == '(') return std::nullopt;
    }
    return std::nullopt;
  }

  std::optional<Token> number() {
    std::size_t end = 0;
    const auto digits = [&] {
      const std::size_t begin = end;
      while (end < rest_.size() && is_digit(rest_[end])) ++end;
      return end > begin;
    };
    const auto at = [&](std::string_view any) {
      return end < rest_.size() && any.find(rest_[end]) != std::string_view::npos;
    };
    digits();
    if (at(".")) {
      ++end;
      digits();
    }
    const std::size_t mantissa = end;
    if (at("eE")) {
      ++end;
      if (at("+-")) ++end;
      if (!digits()) end = mantissa;  // a word begins
    }
    if (at(".")) return std::nullopt;
    return take(Kind::number, end);
  }

  std::optional<Token> mark() {
    for (const std::string_view known : {"==", "!=", "<=", ">=", "//"}) {
      if (!rest_.starts_with(known)) continue;
      if (rest_.substr(2).starts_with('=')) return std::nullopt;
      return take(Kind::mark, 2);
    }
    // "?//" is one token of jq 1.6; every "=" that is left assigns.
    if (rest_.starts_with("?//")) return std::nullopt;
    if (std::string_view("|,;<>+-*/%?()[]{}:").find(rest_[0]) == std::string_view::npos)
      return std::nullopt;
    if (rest_.substr(1).starts_with('=')) return std::nullopt;
    return take(Kind::mark, 1);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<JqToken>> jq_tokens(std::string_view text) { return Tokens::of(text); }

}  // namespace gonogo
