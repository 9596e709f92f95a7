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

enum class Operand : std::uint8_t { computed, number, text, boolean, null };

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
  return is_one_of(token, Kind::mark, marks) || token.is_word("if");
}

bool closes(const JqToken& token) {
  constexpr std::array<std::string_view, 3> marks{")", "]", "}"};
  return is_one_of(token, Kind::mark, marks) || token.is_word("end");
}

// What binds less than a comparison, so that an operand ends at it.
bool ends_operand(const JqToken& token) {
  constexpr std::array<std::string_view, 7> marks{"|", ",", ";", ":", "//", "==", "!="};
  constexpr std::array<std::string_view, 6> words{"and", "or", "then", "elif", "else", "def"};
  return token.kind == Kind::end || is_one_of(token, Kind::mark, marks) || is_order(token) ||
         is_one_of(token, Kind::word, words);
}

// Of these, what follows belongs to less or more than an operand.
bool is_odd(const JqToken& token) {
  constexpr std::array<std::string_view, 7> words{"reduce",  "foreach", "as",     "import",
                                                  "include", "label",   "__loc__"};
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
    std::size_t replaced = 0;
    for (std::size_t at = 0; at <= text_.size(); ++at) {
      for (const Insertion& each : insertions_) {
        if (each.at != at) continue;
        out += each.text;
        replaced = at + each.instead_of;
      }
      if (at < text_.size() && at >= replaced) out += text_[at];
    }
    return out;
  }

 private:
  struct Insertion {
    std::size_t at = 0;
    std::string text;
    std::size_t instead_of = 0;  // so many bytes
  };

  void judge(std::size_t at) {
    const Range left = before(at);
    const Range right = after(at);
    if (left.begin == left.end || right.begin == right.end) return;
    const Operand left_kind = kind_of(left);
    const Operand right_kind = kind_of(right);
    if (left_kind == Operand::null || right_kind == Operand::null) return;
    const bool is_computed = left_kind == Operand::computed || right_kind == Operand::computed;
    if (!is_computed && left_kind == right_kind) return;
    // Two kinds that are known compare always alike, whatever is there.
    if (!is_computed || left_kind == right_kind) {
      guard_both(left, at, right);
      return;
    }
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
      if (depth == 0 && is_odd(token)) return {at, at};
      if (opens(token)) --depth;
      --begin;
    }
    return {begin, at};
  }

  Range after(std::size_t at) const {
    std::size_t end = at + 1;
    int depth = 0;
    while (tokens_[end].kind != Kind::end) {
      const JqToken& token = tokens_[end];
      if (depth == 0 && (closes(token) || ends_operand(token))) break;
      if (depth == 0 && is_odd(token)) return {at, at};
      if (opens(token)) ++depth;
      if (closes(token)) --depth;
      ++end;
    }
    return {at + 1, end};
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
    if (range.end - range.begin != 1) return Operand::computed;
    if (first->is_word("true") || first->is_word("false")) return Operand::boolean;
    return first->is_word("null") ? Operand::null : Operand::computed;
  }

  static std::string_view mirrored(std::string_view mark) {
    if (mark == "<") return ">";
    if (mark == "<=") return ">=";
    return mark == ">" ? "<" : "<=";
  }

  // Makes `operand` fail if it cannot be compared with `other`, which is of this kind.
  void guard(Range operand, Operand kind, std::string_view mark, Range other) {
    const std::string is_fit = kind == Operand::number ? "type == \"number\" and . == ."
                               : kind == Operand::text ? "type == \"string\""
                                                       : "type == \"boolean\"";
    insertions_.push_back({place(operand.begin), "((" + opened(operand)});
    const std::string wanted = std::string(mark) + " " + std::string(source(other));
    insertions_.push_back(
        {end_of(operand), closed(operand) + "|if " + is_fit + " then . else error(" +
                              literal(problem_of(operand)) + " + (" + seen() + ") + " +
                              literal(", wanted " + shortened(wanted)) + ") end))"});
  }

  // Makes the comparison fail if its operands cannot be compared with each other. jq computes the
  // right one first.
  void guard_both(Range left, std::size_t mark, Range right) {
    const std::string compared = std::string(tokens_[mark].text);
    insertions_.push_back(
        {place(left.begin), "((" + std::string(alike) + "def gonogo_left: " + opened(left)});
    insertions_.push_back({end_of(left), closed(left) + ";"});
    insertions_.push_back({place(mark), "def gonogo_right:", compared.size()});
    insertions_.push_back({place(right.begin), opened(right)});
    const std::string lacks = "[.. | select(. == null or . != .)] | length > 0";
    const auto fail = [&](Range operand) {
      return "error(" + literal(problem_of(operand)) +
             " + if type == \"array\" or type == \"object\" then \"an \" + type + "
             "\" with null, wanted values\" else (" +
             seen() + ") + \", wanted a value\" end)";
    };
    const std::string two_kinds = literal(std::string(bound_problem) + shortened(source(left)) +
                                          " and " + shortened(source(right)) +
                                          " hold values of different kinds, wanted one kind at "
                                          "each place");
    insertions_.push_back(
        {end_of(right),
         closed(right) +
             "; gonogo_right as $gonogo_right | gonogo_left as $gonogo_left | "
             "if $gonogo_left | " +
             lacks + " then $gonogo_left | " + fail(left) + " elif $gonogo_right | " + lacks +
             " then $gonogo_right | " + fail(right) +
             " elif ($gonogo_left | type) != ($gonogo_right | type) then error(" +
             literal(problem_of(left)) + " + ($gonogo_left | " + seen() + ") + " +
             literal(" and " + shortened(source(right)) + " is ") + " + ($gonogo_right | " +
             seen() + ") + " + literal(", wanted two of one kind") +
             ") elif gonogo_alike($gonogo_left; $gonogo_right) | not then error(" + two_kinds +
             ") else $gonogo_left " + compared + " $gonogo_right end))"});
  }

  // Whether jq's order of two values says anything: they are of one kind at each place. jq compares
  // objects of different keys by the keys alone.
  static constexpr std::string_view alike =
      "def gonogo_alike($a; $b): ($a | type) as $type | if $type != ($b | type) then false "
      "elif $type == \"array\" then all(range(0; [$a, $b | length] | min); . as $at | "
      "gonogo_alike($a[$at]; $b[$at])) elif $type == \"object\" then ($a | keys) == ($b | keys) "
      "and all($a | keys[]; . as $at | gonogo_alike($a[$at]; $b[$at])) else true end; ";

  // In jq 1.6 `try` and `?` also catch what is thrown behind them, unless all their results are
  // there.
  std::string opened(Range operand) const { return may_catch(operand) ? "([" : "("; }
  std::string closed(Range operand) const { return may_catch(operand) ? "][])" : ")"; }
  bool may_catch(Range operand) const {
    const auto first = tokens_.begin() + static_cast<std::ptrdiff_t>(operand.begin);
    const auto last = tokens_.begin() + static_cast<std::ptrdiff_t>(operand.end);
    return std::any_of(first, last,
                       [](const JqToken& token) { return token.is("?") || token.is_word("try"); });
  }

  std::string problem_of(Range operand) const {
    return std::string(bound_problem) + shortened(source(operand)) + " is ";
  }

  // Says what a value is.
  static std::string seen() {
    return "if . == null or . == true or . == false then tojson"
           " elif . != . then \"not a number\""
           " elif type == \"array\" or type == \"object\" then \"an \" + type"
           " else \"a \" + type end";
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
