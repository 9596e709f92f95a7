#include "daemon/formats/jq_parts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/formats/jq_tokens.h"

namespace gonogo {
namespace {

using Kind = JqToken::Kind;
using Token = JqToken;

constexpr std::size_t longest = 2048;
constexpr int deepest = 40;
// For each byte of the input. Steps take some 0.1 us, so 64 KiB take at most about a second; what
// people write has less than 40.
constexpr double most_work = 150;
constexpr double most_size = 64;

// What a part costs and gives for an input of size 1; both grow at most linearly with the input.
struct Part {
  double work = 1;
  double size = 1;           // of all its results together
  bool many = false;         // it may give more than one result
  bool is_number = false;    // it gives numbers or an error
  bool is_constant = false;  // a literal
  std::optional<double> number{};
};

struct Function {
  std::string_view name;
  Part part;
};
// `type` and the texts of numbers are longer than what they stand for. `sort`, `min` and `add` are
// missing on purpose: jq compares objects by sorting their keys each time, and adds by copying.
const std::array<Function, 22> plain_functions{{{"length", {.is_number = true}},
                                                {"not", {}},
                                                {"keys", {.work = 8, .size = 3}},
                                                {"tonumber", {.is_number = true}},
                                                {"tostring", {.work = 4, .size = 8}},
                                                {"type", {.size = 8}},
                                                {"empty", {}},
                                                {"now", {.is_number = true}},
                                                {"floor", {.is_number = true}},
                                                {"any", {.work = 6}},
                                                {"all", {.work = 6}},
                                                {"first", {}},
                                                {"last", {}},
                                                {"to_entries", {.work = 15, .size = 12}},
                                                {"values", {.work = 3}},
                                                {"strings", {.work = 3}},
                                                {"numbers", {.work = 3}},
                                                {"booleans", {.work = 3}},
                                                {"objects", {.work = 3}},
                                                {"arrays", {.work = 3}},
                                                {"ascii_downcase", {.work = 2}},
                                                {"ascii_upcase", {.work = 2}}}};

class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::optional<Part> whole() {
    auto part = pipe();
    if (!part || now().kind != Kind::end) return std::nullopt;
    return part;
  }

 private:
  using Result = std::optional<Part>;

  const Token& now() const { return tokens_[at_]; }
  bool take(std::string_view mark) {
    if (!now().is(mark)) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (!now().is_word(word)) return false;
    ++at_;
    return true;
  }

  // Each of the parts below nests through this one.
  Result pipe() {
    if (depth_ >= deepest) return std::nullopt;
    ++depth_;
    Result left = comma();
    while (left && take("|")) {
      const Result right = comma();
      if (!right) return std::nullopt;
      left = piped(*left, *right);
    }
    --depth_;
    return left;
  }

  static Part piped(const Part& left, const Part& right) {
    Part part;
    part.work = left.work + left.size * right.work;
    part.size = left.size * right.size;
    part.many = left.many || right.many;
    part.is_number = right.is_number;
    return part;
  }

  Result comma() {
    Result left = alternative();
    while (left && take(",")) {
      const Result right = alternative();
      if (!right) return std::nullopt;
      left = Part{.work = left->work + right->work,
                  .size = left->size + right->size,
                  .many = true,
                  .is_number = left->is_number && right->is_number,
                  .is_constant = false,
                  .number = {}};
    }
    return left;
  }

  Result alternative() {
    Result left = either();
    while (left && take("//")) {
      const Result right = either();
      if (!right) return std::nullopt;
      left = Part{.work = left->work + right->work + 1,
                  .size = left->size + right->size,
                  .many = left->many || right->many,
                  .is_number = left->is_number && right->is_number,
                  .is_constant = false,
                  .number = {}};
    }
    return left;
  }

  // One result for each pair of results: more than one of both sides would multiply.
  static Result paired(const Part& left, const Part& right) {
    if (left.many && !right.is_constant) return std::nullopt;
    if (right.many && !left.is_constant) return std::nullopt;
    Part part;
    part.many = left.many || right.many;
    if (part.many) part.size = std::max(left.size, right.size);
    part.work = left.work + right.work + 1 + part.size;
    if (!left.is_constant && !right.is_constant) part.work += std::min(left.size, right.size);
    return part;
  }

  Result either() {
    Result left = both();
    while (left && take_word("or")) {
      const Result right = both();
      left = right ? paired(*left, *right) : std::nullopt;
    }
    return left;
  }

  Result both() {
    Result left = comparison();
    while (left && take_word("and")) {
      const Result right = comparison();
      left = right ? paired(*left, *right) : std::nullopt;
    }
    return left;
  }

  Result comparison() {
    Result left = sum();
    if (!left) return left;
    for (const std::string_view mark : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!take(mark)) continue;
      const Result right = sum();
      return right ? paired(*left, *right) : std::nullopt;
    }
    return left;
  }

  Result sum() {
    Result left = product();
    while (left && (now().is("+") || now().is("-"))) {
      const bool adds = take("+");
      if (!adds) take("-");
      const Result right = product();
      if (!right) return std::nullopt;
      // Lists subtract in the product of their lengths.
      if (!adds && !left->is_number && !right->is_number) return std::nullopt;
      Result pair = paired(*left, *right);
      if (!pair) return std::nullopt;
      if (adds) {
        pair->size = left->size + right->size;
        if (left->many || right->many) pair->size += left->size * right->size;
        pair->work += pair->size;
      }
      pair->is_number = !adds || (left->is_number && right->is_number);
      left = pair;
    }
    return left;
  }

  // Of numbers alone: a text times a number repeats it.
  Result product() {
    Result left = postfix();
    while (left && (now().is("*") || now().is("/") || now().is("%"))) {
      const std::string_view mark = now().text;
      ++at_;
      const Result right = postfix();
      if (!right) return std::nullopt;
      const bool divides = mark == "/" && (left->is_number || right->is_number);
      const bool multiplies = mark == "*" && left->is_number && right->is_number;
      // jq 1.6 dies of -2^63 % -1, and its remainder is one of whole numbers.
      const bool is_remainder =
          mark == "%" && right->number && *right->number >= 1 && *right->number <= 1e9 &&
          *right->number == static_cast<double>(static_cast<std::int64_t>(*right->number));
      if (!divides && !multiplies && !is_remainder) return std::nullopt;
      left = paired(*left, *right);
      if (left) left->is_number = true;
    }
    return left;
  }

  Result postfix() {
    Result part = term();
    while (part) {
      if (take("?")) {
        part->work += 1;
      } else if (now().kind == Kind::field) {
        ++at_;
        part = piped(*part, Part{});
      } else if (now().is(".") && tokens_[at_ + 1].kind == Kind::string) {
        at_ += 2;
        part = piped(*part, Part{});
      } else if (now().is("[")) {
        const Result suffix = bracket();
        part = suffix ? Result(piped(*part, *suffix)) : std::nullopt;
      } else {
        break;
      }
    }
    return part;
  }

  // "[]", "[0]", "[-1]", "[\"name\"]" behind a term.
  Result bracket() {
    take("[");
    Part part;
    if (take("]")) {
      part.many = true;
      part.work = 2;
      return part;
    }
    take("-");
    const Token index = now();
    const bool is_index = index.kind == Kind::string ||
                          (index.kind == Kind::number && index.text.size() < 10 &&
                           index.text.find_first_not_of("0123456789") == std::string_view::npos);
    if (!is_index) return std::nullopt;
    ++at_;
    return take("]") ? Result(part) : std::nullopt;
  }

  Result term() {
    const Token token = now();
    switch (token.kind) {
      case Kind::field: ++at_; return Part{};
      case Kind::string: ++at_; return literal(token.text.size());
      case Kind::number: ++at_; return number(token.text, 1);
      case Kind::word: ++at_; return word(token.text);
      case Kind::mark: return marked();
      case Kind::variable:
      case Kind::end: break;
    }
    return std::nullopt;
  }

  Result marked() {
    if (take(".")) {
      if (now().kind == Kind::string) ++at_;
      return Part{};
    }
    if (take("-")) {
      if (now().kind != Kind::number) return std::nullopt;
      const std::string_view digits = now().text;
      ++at_;
      return number(digits, -1);
    }
    if (take("(")) {
      const Result inside = pipe();
      return take(")") ? inside : std::nullopt;
    }
    if (take("[")) {
      if (take("]")) return Part{.work = 1, .size = 2};
      Result inside = pipe();
      if (!inside || !take("]")) return std::nullopt;
      return Part{.work = inside->work + inside->size + 1, .size = inside->size + 2};
    }
    return take("{") ? object() : std::nullopt;
  }

  static Part literal(std::size_t length) {
    Part part;
    part.size = 1 + static_cast<double>(length) / 2;
    part.is_constant = true;
    return part;
  }

  static Part number(std::string_view digits, double sign) {
    Part part = literal(digits.size());
    // As jq writes it: 1e17 becomes eighteen digits.
    part.size = 10;
    part.is_number = true;
    part.number = sign * std::strtod(std::string(digits).c_str(), nullptr);
    return part;
  }

  // "a: term", "a" or "\"a\": term", each with one result.
  Result object() {
    Part part{.work = 4, .size = 8};
    if (take("}")) return part;
    do {
      const Token key = now();
      if (key.kind != Kind::word && key.kind != Kind::string) return std::nullopt;
      ++at_;
      Result value = Part{};
      if (take(":")) {
        value = postfix();
      } else if (key.kind == Kind::string) {
        return std::nullopt;
      }
      if (!value || value->many) return std::nullopt;
      part.work += value->work + 2;
      part.size += value->size + 1 + static_cast<double>(key.text.size()) / 2;
    } while (take(","));
    return take("}") ? Result(part) : std::nullopt;
  }

  Result word(std::string_view name) {
    if (name == "true" || name == "false" || name == "null") return literal(4);
    if (now().is("(")) return call(name);
    const auto* found = std::find_if(plain_functions.begin(), plain_functions.end(),
                                     [name](const Function& each) { return each.name == name; });
    return found == plain_functions.end() ? std::nullopt : Result(found->part);
  }

  Result call(std::string_view name) {
    take("(");
    const Result first = pipe();
    if (!first) return std::nullopt;
    const bool asks = name == "any" || name == "all";
    if (asks && take(";")) {
      const Result second = pipe();
      if (!second || !take(")")) return std::nullopt;
      const Part each = piped(*first, *second);
      return Part{.work = each.work + 2 * each.size + 4};
    }
    if (!take(")")) return std::nullopt;
    if (asks) return Part{.work = first->work + 2 * first->size + 6};
    if (name == "map") return Part{.work = first->work + first->size + 3, .size = first->size + 2};
    if (first->many) return std::nullopt;
    if (name == "select") return Part{.work = first->work + 2};
    constexpr std::array<std::string_view, 5> about_one{"has", "startswith", "endswith", "ltrimstr",
                                                        "rtrimstr"};
    const bool is_known = std::find(about_one.begin(), about_one.end(), name) != about_one.end();
    // Lists are searched for each member of a list; a literal is none.
    if (!is_known && (name != "contains" || !first->is_constant)) return std::nullopt;
    return Part{.work = first->work + 3};
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

bool is_harmless_jq(std::string_view expression) {
  if (expression.size() > longest) return false;
  auto tokens = jq_tokens(expression);
  if (!tokens) return false;
  const auto part = Parser(std::move(*tokens)).whole();
  return part && part->work <= most_work && part->size <= most_size;
}

}  // namespace gonogo
