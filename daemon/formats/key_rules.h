// What one key of a configuration file has to be. No text made here tells a value, a part of one,
// or how long it is.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/observation.h"
#include "daemon/formats/pattern.h"

namespace gonogo {

using Keys = std::map<std::string, std::string>;

// KEY -> the values for which the rule applies (or, `negated`, does not).
struct KeyCondition {
  std::string key;
  std::vector<std::string> values;
  bool negated = false;
};

struct KeyRule {
  std::string name;  // '*' stands for any run of characters
  bool required = true;
  bool absent = false;
  bool is_warning = false;  // what is wrong is a warning
  std::vector<KeyCondition> when;
  std::string type;  // see read_key_rule; empty: any
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
  std::string same_as;                 // this key's value
  std::string password_of;             // the password in this key's URL
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

// What is wrong with `keys` by `rule`. `defaults`: what an application takes for keys that are not
// set; they count for conditions alone.
std::vector<KeyProblem> problems_of(const KeyRule& rule, const Keys& keys, const Keys& defaults);

// What nobody means to keep: "change-me", "__REPLACE__", "<your key>", and known weak secrets.
bool is_placeholder(std::string_view value);

}  // namespace gonogo
