// Rules for the keys of a configuration file. No text made here shows a value, a part of a value,
// or its length.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/reason.h"
#include "daemon/formats/pattern.h"

namespace gonogo {

using Keys = std::map<std::string, std::string>;

// The rule applies when `key` has one of the values (or, `negated`, when it has none of them).
struct KeyCondition {
  std::string key;
  std::vector<std::string> values;
  bool negated = false;
};

struct KeyRule {
  std::string name;  // '*' stands for any run of characters
  bool required = true;
  bool absent = false;
  bool is_warning = false;  // a broken rule is only a warning
  std::vector<KeyCondition> when;
  std::string type;  // a name of key_types.h; empty means any
  bool is_list = false;
  std::int64_t min_items = 1;
  std::optional<double> min;
  std::optional<double> max;
  std::optional<std::int64_t> min_length;  // in characters
  std::vector<std::string> prefixes;
  std::vector<Pattern> patterns;
  std::vector<Pattern> patterns_not;
  std::vector<std::string> one_of;
  std::vector<std::string> forbidden;  // case ignored
  bool no_placeholder = false;
  std::optional<double> min_strength;  // bits, by zxcvbn's estimate
  std::string same_as;                 // the key that has to have the same value
  std::string password_of;             // the key whose URL holds this value as its password
  std::vector<std::string> distinct_from;
};

// Reads one rule; problems go to `settings`.
KeyRule read_key_rule(std::string name, Settings settings);

struct KeyProblem {
  std::string key;
  std::string text;  // "is shorter than 32 characters"
  Reason reason = Reason::content;
  bool is_warning = false;
};

// The problems of `keys` by `rule`. `defaults` are the values that the application uses for keys
// that are not set; only conditions consider them.
std::vector<KeyProblem> problems_of(const KeyRule& rule, const Keys& keys, const Keys& defaults);

}  // namespace gonogo
