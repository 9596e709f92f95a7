#include "daemon/formats/jq_bounds.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "daemon/core/text_cleaner.h"
#include "daemon/formats/jq_tokens.h"

namespace gonogo {
namespace {

using Kind = JqToken::Kind;
using Tokens = std::vector<JqToken>;

// Some tokens of an expression: from `begin` to before `end`.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
};

enum class Operand : std::uint8_t { computed, number, text, other };

template <std::size_t Count>
bool is_one_of(const JqToken& token, Kind kind, const std::array<std::string_view, Count>& texts) {
  return token.kind == kind && std::find(texts.begin(), texts.end(), token.text) != texts.end();
}

bool is_order(const JqToken& token) {
  constexpr std::array<std::string_view, 4> marks{"<", "<=", ">", ">="};
  return is_one_of(token, Kind::mark, marks);
}

bool opens(const JqToken& token) {
  constexpr std::array<std::string_view, 3> marks{"(", "[", "{"};
  return is_one_of(token, Kind::mark, marks);
}

bool closes(const JqToken& token) {
  constexpr std::array<std::string_view, 3> marks{")", "]", "}"};
  return is_one_of(token, Kind::mark, marks);
}

// What binds less than a comparison, so that an operand ends at it.
bool ends_operand(const JqToken& token) {
  constexpr std::array<std::string_view, 7> marks{"|", ",", ";", ":", "//", "==", "!="};
  constexpr std::array<std::string_view, 8> words{"and",  "or",   "if",  "then",
                                                  "elif", "else", "end", "def"};
  return token.kind == Kind::end || is_one_of(token, Kind::mark, marks) || is_order(token) ||
         is_one_of(token, Kind::word, words);
}

// Of these, what follows belongs to less or more than an operand.
bool is_odd(const JqToken& token) {
  constexpr std::array<std::string_view, 9> words{"try",    "catch",   "reduce", "foreach", "as",
                                                  "import", "include", "label",  "__loc__"};
  return is_one_of(token, Kind::word, words);
}

class Bounds {
 public:
  Bounds(std::string_view text, Tokens tokens) : text_(text), tokens_(std::move(tokens)) {}

  std::string judged() {
    for (std::size_t at = 0; at < tokens_.size(); ++at) {
      if (is_order(tokens_[at])) judge(at);
    }
    std::string out;
    for (std::size_t at = 0; at <= text_.size(); ++at) {
      for (const Insertion& each : insertions_) {
        if (each.at == at) out += each.text;
      }
      if (at < text_.size()) out += text_[at];
    }
    return out;
  }

 private:
  struct Insertion {
    std::size_t at = 0;
    std::string text;
  };

  void judge(std::size_t at) {
    const Range left = before(at);
    const Range right = after(at);
    if (left.begin == left.end || right.begin == right.end) return;
    const Operand left_kind = kind_of(left);
    const Operand right_kind = kind_of(right);
    if (left_kind == Operand::computed) guard(left, right_kind, tokens_[at].text, right);
    if (right_kind == Operand::computed) guard(right, left_kind, mirrored(tokens_[at].text), left);
  }

  Range before(std::size_t at) const {
    std::size_t begin = at;
    int depth = 0;
    while (begin > 0) {
      const JqToken& token = tokens_[begin - 1];
      if (closes(token)) ++depth;
      if (depth == 0 && (opens(token) || ends_operand(token))) break;
      if (is_odd(token)) return {at, at};
      if (opens(token)) --depth;
      --begin;
    }
    // `end` of a conditional is the end of an operand whose begin is not known.
    const bool is_unknown = begin > 0 && tokens_[begin - 1].is_word("end");
    return is_unknown ? Range{at, at} : Range{begin, at};
  }

  Range after(std::size_t at) const {
    std::size_t end = at + 1;
    int depth = 0;
    while (tokens_[end].kind != Kind::end) {
      const JqToken& token = tokens_[end];
      if (depth == 0 && (closes(token) || ends_operand(token))) break;
      if (is_odd(token)) return {at, at};
      if (opens(token)) ++depth;
      if (closes(token)) --depth;
      ++end;
    }
    return tokens_[end].is_word("if") ? Range{at, at} : Range{at + 1, end};
  }

  Operand kind_of(Range range) const {
    if (range.end - range.begin == 1 && tokens_[range.begin].kind == Kind::string)
      return Operand::text;
    constexpr std::array<std::string_view, 7> marks{"+", "-", "*", "/", "%", "(", ")"};
    const auto is_numeric = [&](const JqToken& token) {
      return token.kind == Kind::number || token.is_word("now") || token.is_word("length") ||
             is_one_of(token, Kind::mark, marks);
    };
    const auto first = tokens_.begin() + static_cast<std::ptrdiff_t>(range.begin);
    const auto last = tokens_.begin() + static_cast<std::ptrdiff_t>(range.end);
    if (std::all_of(first, last, is_numeric)) return Operand::number;
    constexpr std::array<std::string_view, 3> constants{"true", "false", "null"};
    const bool is_constant =
        range.end - range.begin == 1 && is_one_of(tokens_[range.begin], Kind::word, constants);
    return is_constant ? Operand::other : Operand::computed;
  }

  static std::string_view mirrored(std::string_view mark) {
    if (mark == "<") return ">";
    if (mark == "<=") return ">=";
    return mark == ">" ? "<" : "<=";
  }

  // Makes `operand` fail if it cannot be compared with `other`.
  void guard(Range operand, Operand kind, std::string_view mark, Range other) {
    if (kind == Operand::other) return;
    std::string is_fit = ". != null";
    std::string wanted = "a value";
    if (kind == Operand::number) is_fit = "type == \"number\" and . == .";
    if (kind == Operand::text) is_fit = "type == \"string\"";
    if (kind != Operand::computed) wanted = std::string(mark) + " " + std::string(source(other));
    const std::string problem = std::string(bound_problem) + shortened(source(operand)) + " is ";
    std::string seen = "if . == null or . == true or . == false then tojson";
    seen += " elif type == \"number\" then \"not a number\"";
    seen += " elif type == \"array\" or type == \"object\" then \"an \" + type";
    seen += " else \"a \" + type end";
    insertions_.push_back({place(operand.begin), "((("});
    insertions_.push_back({end_of(operand), ")|if " + is_fit + " then . else error(" +
                                                literal(problem) + " + (" + seen + ") + " +
                                                literal(", wanted " + shortened(wanted)) +
                                                ") end))"});
  }

  // Where a token begins and ends in the text; the tokens of strings lack their quotes.
  std::size_t place(std::size_t token) const {
    const auto at = static_cast<std::size_t>(tokens_[token].text.data() - text_.data());
    return tokens_[token].kind == Kind::string ? at - 1 : at;
  }
  std::size_t end_of(Range range) const {
    const JqToken& last = tokens_[range.end - 1];
    const auto at = static_cast<std::size_t>(last.text.data() - text_.data()) + last.text.size();
    return last.kind == Kind::string ? at + 1 : at;
  }
  std::string_view source(Range range) const {
    const std::size_t begin = place(range.begin);
    return text_.substr(begin, end_of(range) - begin);
  }

  static std::string shortened(std::string_view text) { return printable(text, 80); }

  static std::string literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    return out + "\"";
  }

  std::string_view text_;
  Tokens tokens_;
  std::vector<Insertion> insertions_;
};

}  // namespace

std::string with_judged_bounds(std::string_view expression) {
  auto tokens = jq_tokens(expression);
  if (!tokens || std::none_of(tokens->begin(), tokens->end(), is_order))
    return std::string(expression);
  return Bounds(expression, std::move(*tokens)).judged();
}

}  // namespace gonogo
