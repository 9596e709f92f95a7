// What a Python module assigns to its names, read without running it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/formats/python_tokens.h"

namespace gonogo {

struct PythonValue {
  enum class Kind {
    none,
    text,
    list,      // a tuple, a list or a set
    computed,  // only a run of the module would show it
  };
  Kind kind = Kind::computed;
  std::string text;
  std::vector<PythonValue> items;
  std::size_t line = 1;  // of the assignment
};

constexpr std::string_view any_name = "*";

// The names that the module binds at its top level, with what it assigned last. A value is
// `computed` unless it is written out: None, strings, tuples, lists and sets of them, and names
// that hold such. What is assigned in a condition or a loop is computed as well; functions and
// classes have names of their own. `any_name` is there, and computed, when only a run shows which
// names are bound. Nothing when the text is no Python.
tl::expected<std::map<std::string, PythonValue>, PythonProblem> read_python_module(
    std::string_view text);

// The value of a name, also where it is bound as `any_name` or in other letters that Python takes
// for the same. Null when the module does not bind it.
const PythonValue* find_name(const std::map<std::string, PythonValue>& names,
                             const std::string& name);

}  // namespace gonogo
