// More of what is read here is in migrations_test.cpp, where Alembic decides.
#include "daemon/formats/python_module.h"

#include <gtest/gtest.h>

namespace gonogo {
namespace {

using Kind = PythonValue::Kind;

TEST(PythonModule, WhatIsWrittenOutIsRead) {
  const auto names = read_python_module(
      "a = 'x' \"y\"\nb: Tuple[str, ...] = (a, None, ['z'],)\nc = d = None\nE = ()\n");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->at("a").text, "xy");
  ASSERT_EQ(names->at("b").items.size(), 3U);
  EXPECT_EQ(names->at("b").items[0].text, "xy");
  EXPECT_EQ(names->at("b").items[2].items.at(0).text, "z");
  EXPECT_EQ(names->at("d").kind, Kind::none);
  EXPECT_EQ(names->at("E").kind, Kind::list);
}

TEST(PythonModule, WhatARunMayChangeIsComputed) {
  for (const char* text :
       {"a = f()", "a = 'x'\nif y:\n  a = 'z'", "a = 'x'\nif y: a = 'z'", "a = 'x'\na += 'z'",
        "a, b = 'x', 'y'", "a = 'x'\nfor a in y: pass", "a = 'x'\nimport b as a",
        "a = 'x'\nwith y as a: pass", "a = 'x'\ndel a", "a = 'x'\nprint(a := 'z')",
        "def f():\n  global a\na = 'x'\ndef g():\n  global b, a\n", "a = 'x'\ndef a(): pass",
        "a = 'x'\nclass a: pass", "a = 1", "a = 'x'.y", "a = {'x': 'y'}", "a = f'{x}'"}) {
    const auto names = read_python_module(text);
    ASSERT_TRUE(names) << text;
    EXPECT_EQ(names->at("a").kind, Kind::computed) << text;
  }
}

TEST(PythonModule, FunctionsAndClassesHaveNamesOfTheirOwn) {
  const auto names = read_python_module(
      "a = 'x'\ndef f(a='y'):\n  a = 'z'\n\nclass C:\n  a = 'z'\n  def g(self):\n    a = 1\n");
  ASSERT_TRUE(names);
  EXPECT_EQ(names->at("a").text, "x");
}

// What is bound by what only a run shows.
TEST(PythonModule, NamesThatARunMayBindAreComputed) {
  for (const char* text :
       {"a = 'x'\nfrom y import *", "if z:\n  from y import *\nelse:\n  pass",
        "a = 'x'\nglobals().update(a='y')", "a = 'x'\nglobals()['a'] = 'y'",
        "a = 'x'\nlocals()['a'] = 'y'", "a = 'x'\nvars()['a'] = 'y'", "a = 'x'\nexec(\"a='y'\")",
        "a = 'x'\nsetattr(sys.modules[__name__], 'a', 'y')",
        "a = 'x'\nsys.modules[__name__].a = 'y'", "def f():\n  globals()['a'] = 'y'\na = 'x'\nf()",
        "def f():\n  exec('global a')\na = 'x'", "a = 'x'\n\uFF41 = 'y'", "\U0001D41A = 'y'",
        "def __getattr__(name): return 'x'"}) {
    const auto names = read_python_module(text);
    ASSERT_TRUE(names) << text << names.error().text;
    const PythonValue* value = find_name(*names, "a");
    ASSERT_NE(value, nullptr) << text;
    EXPECT_EQ(value->kind, Kind::computed) << text;
  }
}

TEST(PythonModule, NamesThatNoRunBindsAreKnown) {
  for (const char* text :
       {"from y import *\na = 'x'", "a = 'x'\ndef f():\n  print('%(b)s' % locals())",
        "a = 'x'\ndef f():\n  setattr(b, 'a', 1)", "gr\u00F6\u00DFe = 'y'\na = 'x'",
        "a = 'x'\nb.exec(c)", "a = 'x'\ndef __getattr__(name): pass",
        "a = 'x'\nfrom b import (c, d)\nexecute = e * f"}) {
    const auto names = read_python_module(text);
    ASSERT_TRUE(names) << text;
    const PythonValue* value = find_name(*names, "a");
    ASSERT_NE(value, nullptr) << text;
    EXPECT_EQ(value->text, "x") << text;
  }
  EXPECT_EQ(find_name(*read_python_module("b = 'x'"), "a"), nullptr);
}

TEST(PythonModule, BlocksThatDoNotFitAreRefused) {
  for (const char* text : {"a = 'x'\n  b = 'y'\n", "if a:\nb = 1\n", "if a:\n    b\n  c\n",
                           "if a:", "a\n== b\n", "a\n>>>>>>> x\n"})
    EXPECT_FALSE(read_python_module(text)) << text;
}

}  // namespace
}  // namespace gonogo
