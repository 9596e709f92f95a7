#include "daemon/formats/python_grammar.h"

#include <algorithm>
#include <set>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

using Kind = PythonToken::Kind;
using Words = std::set<std::string_view, std::less<>>;

// Those that stand between operands, and are none.
const Words keywords{"and",      "as",       "assert", "async", "await",  "break",  "class",
                     "continue", "def",      "del",    "elif",  "else",   "except", "finally",
                     "for",      "from",     "global", "if",    "import", "in",     "is",
                     "lambda",   "nonlocal", "not",    "or",    "pass",   "raise",  "return",
                     "try",      "while",    "with",   "yield"};
const Words soft_keywords{"match", "case", "type"};
const Words compound{"class", "def", "elif", "else",  "except", "finally",
                     "for",   "if",  "try",  "while", "with"};
// With an operand on both sides.
const Words binary{"=",   "==",  "!=",  "<",   ">",  "<=", ">=", "%",  "|",  "&",
                   "^",   "<<",  ">>",  "->",  ":=", "+=", "-=", "*=", "/=", "%=",
                   "//=", "**=", ">>=", "<<=", "&=", "|=", "^=", "@=", "//"};

bool is_string(const PythonToken& token) {
  return token.kind == Kind::text || token.kind == Kind::computed;
}

bool is_opening(const PythonToken& token) {
  return token.is_sign("(") || token.is_sign("[") || token.is_sign("{");
}

bool is_closing(const PythonToken& token) {
  return token.is_sign(")") || token.is_sign("]") || token.is_sign("}");
}

bool is_keyword(const PythonToken& token) {
  return token.kind == Kind::name && keywords.contains(token.text);
}

bool is_binary(const PythonToken& token) {
  return token.kind == Kind::sign && binary.contains(token.text);
}

bool ends_operand(const PythonToken& token) {
  if (token.kind == Kind::sign) return is_closing(token);
  return !is_keyword(token);
}

bool begins_operand(const PythonToken& token) {
  if (token.kind == Kind::sign) return token.is_sign("{");
  return !is_keyword(token);
}

// What comes behind has to be an operand.
bool needs_operand(const PythonToken& token) {
  return is_binary(token) || token.is_sign("+") || token.is_sign("-") || token.is_sign("~");
}

PythonProblem problem_at(const PythonToken& token, std::string text) {
  return {token.line, std::move(text)};
}

std::string shown(const PythonToken& token) {
  return is_string(token) ? "a text" : in_quotes(token.text, 40);
}

bool lacks_colon(const PythonLine& line) {
  const std::size_t first = line.tokens.front().is_name("async") ? 1 : 0;
  if (line.tokens.size() <= first || line.tokens[first].kind != Kind::name) return false;
  if (!compound.contains(line.tokens[first].text)) return false;
  int depth = 0;
  for (const PythonToken& token : line.tokens) {
    depth += is_opening(token) ? 1 : is_closing(token) ? -1 : 0;
    if (depth == 0 && token.is_sign(":")) return false;
  }
  return true;
}

}  // namespace

std::optional<PythonProblem> objection_to(const PythonLine& line) {
  const std::vector<PythonToken>& tokens = line.tokens;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const PythonToken& token = tokens[i];
    const PythonToken& next = tokens[i + 1];
    const bool is_soft = i == 0 && token.kind == Kind::name && soft_keywords.contains(token.text);
    const bool are_strings = is_string(token) && is_string(next);
    if (ends_operand(token) && begins_operand(next) && !is_soft && !are_strings)
      return problem_at(next, "an operator or a comma is missing before " + shown(next));
    const bool comes_too_early =
        is_binary(next) && next.text != "->" &&
        (needs_operand(token) || is_opening(token) || (token.is_sign(",") && !next.is_sign("=")));
    const bool comes_too_late =
        needs_operand(token) && (is_closing(next) || next.is_sign(",") || next.is_sign(";"));
    if (comes_too_early || comes_too_late)
      return problem_at(next, "an operand is missing before " + shown(next));
    const bool is_doubled = token.is_sign(",") && next.is_sign(",");
    const bool is_first = (token.is_sign("(") || token.is_sign("{")) && next.is_sign(":");
    if (is_doubled || is_first || (is_opening(token) && next.is_sign(",")))
      return problem_at(next, "something is missing before " + shown(next));
  }
  if (needs_operand(tokens.back()))
    return problem_at(tokens.back(), "an operand is missing behind " + shown(tokens.back()));
  if (lacks_colon(line))
    return problem_at(tokens.back(), "the colon of " + shown(tokens.front()) + " is missing");
  return std::nullopt;
}

}  // namespace gonogo
