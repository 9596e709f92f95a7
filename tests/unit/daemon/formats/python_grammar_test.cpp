#include "daemon/formats/python_grammar.h"

#include <gtest/gtest.h>

#include "daemon/formats/python_module.h"

namespace gonogo {
namespace {

TEST(PythonGrammar, OperandsAndOperatorsTakeTurns) {
  for (const char* text : {"x = = 1",
                           "f(a b)",
                           "f('t' g.h('x'))",
                           "f('t'\n  g)",
                           "def f(:\n  pass",
                           "def f()\n  pass",
                           "print 'x'",
                           "x =",
                           "x = (1 +)",
                           "f(, 1)",
                           "f(1,, 2)",
                           "x = 1 2",
                           "x = [1 2]",
                           "x = a {}",
                           "if x\n  y",
                           "else:\n  pass",
                           "if x:\n  y\nfinally:\n  z",
                           "return 1",
                           "x < > y",
                           "(a)(b) c",
                           "def f():\n  x=1\n\ty=2",
                           "def f():\n\tx=1\n        y=2"})
    EXPECT_FALSE(read_python_module(text)) << text;
  for (const char* text : {"a, = f()",
                           "x = 'a' b'c'",
                           "def f(a, /, b, *, c=-1, **d) -> e: ...",
                           "match x:\n  case [1, *_]: y",
                           "type X = int",
                           "x: int = lambda *a, **b: ~a",
                           "x = a if b else c",
                           "print(*a, **b)",
                           "x[::2, ...]",
                           "async def f():\n  async for a in b: pass\n  else: pass",
                           "x = not -a",
                           "@b\ndef f(): return {**a}",
                           "try: a\nexcept* b: c\nelse: d\nfinally: e",
                           "x = yield_ = 1; y",
                           "from . import a as b",
                           "def f():\n\tx\n\tif y:\n\t\tz",
                           "x = a @ b",
                           "f(x := 1)",
                           "with a as b, c: pass",
                           "x = {}[1](2)",
                           "assert a, 'b'",
                           "x = \\\n  1"})
    EXPECT_TRUE(read_python_module(text)) << text;
}

TEST(PythonGrammar, NamesTheLineAndTheToken) {
  const auto lines = tokenize_python("f('t'\n  g)");
  ASSERT_TRUE(lines);
  const auto problem = objection_to(lines->front());
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->line, 2U);
  EXPECT_EQ(problem->text, "an operator or a comma is missing before \"g\"");
  EXPECT_FALSE(objection_to(tokenize_python("f('t',\n  g)")->front()));
}

}  // namespace
}  // namespace gonogo
