#include "daemon/formats/shell_tokens.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

std::string in_words(std::string_view line) {
  std::string problem;
  const auto tokens = shell_tokens(line, problem);
  if (!tokens) return "refused: " + problem;
  std::string text;
  for (const ShellToken& token : *tokens) {
    const char* const marks = token.kind == ShellToken::Kind::word        ? "[]"
                              : token.kind == ShellToken::Kind::operation ? "<>"
                                                                          : "{}";
    text += marks[0] + token.text + marks[1];
    for (const std::string& command : token.substitutions) text += "(" + command + ")";
  }
  return text;
}

TEST(ShellTokens, AreWordsOperatorsAndRedirections) {
  for (const auto& [line, expected] : std::initializer_list<std::pair<const char*, const char*>>{
           {"", ""},
           {"a b", "[a][b]"},
           {"a # b", "[a]"},
           {"a#b", "[a#b]"},
           {"'a b' \"c d\" e\\ f", "[a b][c d][e f]"},
           {"''", "[]"},
           {"a'b'\"c\"", "[abc]"},
           {"'#'", "[#]"},
           {"a&&b||c;d&e|f", "[a]<&&>[b]<||>[c]<;>[d]<&>[e]<|>[f]"},
           {"a>b 2>&1 <c", "[a]{>b}{2>&1}{<c}"},
           {"a >> 'b c'", "[a]{>> b c}"},
           {"a &> b", "[a]{&> b}"},
           {"a 2 >b", "[a][2]{>b}"},
           {"$(a b) \"$(c)\" `d`", "[$(a b)](a b)[$(c)](c)[`d`](d)"},
           {"'$(a)' \\$a", "[$(a)][$a]"},
           {"$((1+2))", "[$((1+2))]"},
           {"${a:-b c}", "[${a:-b c}]"},
           {"\"a\\\"b\\c\"", "[a\"b\\c]"},
           {"a <(b c)", "[a][<(b c)](b c)"},
           {"$(a ')' b)", "[$(a ')' b)](a ')' b)"},
           {"a\\\nb", "[ab]"},
           {"'a", "refused: a single quote is not closed"},
           {"\"a", "refused: a double quote is not closed"},
           {"$(a", "refused: a $( is not closed"},
           {"`a", "refused: a backquote is not closed"},
           {"${a", "refused: a ${ is not closed"},
           {"a >", "refused: a redirection has no target"},
       }) {
    EXPECT_EQ(in_words(line), expected) << line;
  }
}

TEST(ShellTokens, KnowAssignments) {
  for (const char* word : {"A=", "A=b", "_a1=b=c", "A+=b"})
    EXPECT_TRUE(is_assignment(word)) << word;
  for (const char* word : {"", "A", "=b", "1A=b", "a-b=c", "+=b"})
    EXPECT_FALSE(is_assignment(word)) << word;
}

}  // namespace
}  // namespace gonogo
