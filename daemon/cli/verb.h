// One row of the table of verbs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

struct Parsed;

// Where an option's value goes.
using Target = std::variant<std::string& (*)(Parsed&), bool& (*)(Parsed&), int& (*)(Parsed&),
                            Duration& (*)(Parsed&), std::vector<std::string>& (*)(Parsed&)>;

enum class Accepts : std::uint8_t { any, file, duration, choice, limit };

struct VerbOption {
  std::string name;   // "--config,-c"; without dashes it is an argument by its place
  std::string value;  // its placeholder in help; for a choice, the words between bars
  std::string what;
  Target target;
  Accepts accepts = Accepts::any;
  bool is_required = false;
  std::string environment = {};  // the variable that is used without it
  std::string needs = {};        // another option that has to be there, too
  std::string excludes = {};     // another option that must not be there

  bool is_flag() const { return std::holds_alternative<bool& (*)(Parsed&)>(target); }
  bool is_argument() const { return !name.starts_with('-'); }
};

// What each exit code means; empty when the verb never ends with it. 64 is wrong usage of any verb.
struct ExitMeanings {
  std::string_view zero;
  std::string_view one;
  std::string_view two;
  std::string_view bad_config;  // 78
  std::string_view three = {};
};

struct Verb {
  std::string name;  // "config check"
  std::string summary;
  ExitMeanings exits;
  std::vector<VerbOption> options;
  int (*run)(Parsed&);
};

// The first word of verbs such as "config check".
struct VerbGroup {
  std::string name;
  std::string summary;
};

}  // namespace gonogo
