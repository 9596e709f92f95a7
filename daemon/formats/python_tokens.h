// The tokens of Python source (docs.python.org, "Lexical analysis"), enough to read what a module
// assigns without running it.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace gonogo {

struct PythonToken {
  enum class Kind {
    name,
    number,
    text,      // a string; `text` is its value, UTF-8
    computed,  // a string whose value depends on a run, or bytes
    sign,      // an operator, a bracket or a delimiter
  };
  Kind kind = Kind::name;
  std::string text;
  std::size_t line = 1;

  bool is_sign(std::string_view sign) const { return kind == Kind::sign && text == sign; }
  bool is_name(std::string_view name) const { return kind == Kind::name && text == name; }
};

// One logical line: brackets and a backslash at the end join lines. It has at least one token.
struct PythonLine {
  std::size_t indent = 0;        // in columns, a tab leads to the next multiple of 8
  std::size_t least_indent = 0;  // the same, a tab is one column
  std::vector<PythonToken> tokens;
};

// What is wrong with a text, and where.
struct PythonProblem {
  std::size_t line = 1;
  std::string text;
};

// The logical lines of a text, without comments and blank lines. Nothing when the text is no
// Python: a string or a bracket without its end, a sign, a number or a character that Python does
// not have. UTF-8, or Latin-1 where the text says so; no other coding is read.
tl::expected<std::vector<PythonLine>, PythonProblem> tokenize_python(std::string_view text);

}  // namespace gonogo
