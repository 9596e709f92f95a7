#include "daemon/formats/key_rules.h"

#include <zxcvbn.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "daemon/core/text.h"
#include "daemon/formats/dotenv_text.h"
#include "daemon/formats/key_types.h"
#include "daemon/formats/placeholders.h"
#include "daemon/formats/postgres_target.h"
#include "daemon/formats/settings.h"

namespace gonogo {
namespace {

// Reads a comma list, or a JSON array of texts; nothing when it begins like an array and is none.
std::optional<std::vector<std::string>> items_of(const std::string& value) {
  std::vector<std::string> items;
  if (trimmed(value).starts_with('[')) {
    const auto array = nlohmann::json::parse(value, nullptr, false);
    if (!array.is_array()) return std::nullopt;
    for (const auto& item : array) {
      if (!item.is_string()) return std::nullopt;
      items.push_back(item.get<std::string>());
    }
    return items;
  }
  std::string_view rest = value;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view item = trimmed(rest.substr(0, comma));
    if (!item.empty()) items.emplace_back(item);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return items;
}

std::int64_t characters_in(std::string_view text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

const std::string* find_key(const Keys& keys, const std::string& name) {
  const auto found = keys.find(name);
  return found == keys.end() || found->second.empty() ? nullptr : &found->second;
}

bool applies(const KeyRule& rule, const Keys& keys, const Keys& defaults) {
  return std::all_of(rule.when.begin(), rule.when.end(), [&](const KeyCondition& condition) {
    const std::string* value = find_key(keys, condition.key);
    if (value == nullptr) value = find_key(defaults, condition.key);
    const std::string seen = value == nullptr ? "" : *value;
    const bool is_member =
        std::any_of(condition.values.begin(), condition.values.end(),
                    [&seen](const std::string& one) { return equal_ignoring_case(one, seen); });
    return is_member != condition.negated;
  });
}

// Judges one value by one rule. The caller puts the name of the key before each complaint.
class ValueJudge {
 public:
  ValueJudge(const KeyRule& rule, const std::string& name, const std::string& value,
             const Keys& keys)
      : rule_(rule), name_(name), value_(value), keys_(keys) {}

  std::vector<std::string> complaints() {
    judge_type();
    judge_text();
    judge_secrecy();
    judge_relations();
    return std::move(complaints_);
  }

 private:
  void complain(std::string text) { complaints_.push_back(std::move(text)); }

  void judge_type() {
    const KeyType* type = rule_.type.empty() ? nullptr : find_key_type(rule_.type);
    if (rule_.is_list) {
      const auto items = items_of(value_);
      if (!items) return complain("begins like a JSON list and is none");
      if (static_cast<std::int64_t>(items->size()) < rule_.min_items)
        complain("holds too few items, wanted at least " + std::to_string(rule_.min_items));
      if (type != nullptr && !std::all_of(items->begin(), items->end(), type->fits))
        complain("holds an item that is not " + std::string(type->words));
      return;
    }
    if (type != nullptr && !type->fits(value_))
      return complain("is not " + std::string(type->words));
    if (!rule_.min && !rule_.max) return;
    const auto number = number_in(value_);
    if (!number) return complain("is not a number");
    if (rule_.min && *number < *rule_.min)
      complain("is below the " + std::to_string(static_cast<long>(*rule_.min)) + " wanted");
    if (rule_.max && *number > *rule_.max)
      complain("is above the " + std::to_string(static_cast<long>(*rule_.max)) + " wanted");
  }

  void judge_text() {
    if (rule_.min_length && characters_in(value_) < *rule_.min_length)
      complain("is shorter than the " + std::to_string(*rule_.min_length) + " characters wanted");
    const auto begins = [this](const std::string& prefix) { return value_.starts_with(prefix); };
    if (!rule_.prefixes.empty() &&
        std::none_of(rule_.prefixes.begin(), rule_.prefixes.end(), begins))
      complain("does not begin with " + joined(rule_.prefixes));
    for (const Pattern& pattern : rule_.patterns) {
      if (!pattern->matches(value_)) complain("does not match " + in_quotes(pattern->pattern()));
    }
    for (const Pattern& pattern : rule_.patterns_not) {
      if (pattern->matches(value_))
        complain("matches " + in_quotes(pattern->pattern()) + ", wanted no match");
    }
    if (!rule_.one_of.empty() &&
        std::find(rule_.one_of.begin(), rule_.one_of.end(), value_) == rule_.one_of.end())
      complain("is none of " + joined(rule_.one_of));
  }

  void judge_secrecy() {
    const auto is_same = [this](const std::string& one) {
      return equal_ignoring_case(one, value_);
    };
    if (std::any_of(rule_.forbidden.begin(), rule_.forbidden.end(), is_same))
      complain("is a value that is forbidden for it");
    const bool is_bare =
        std::find(rule_.prefixes.begin(), rule_.prefixes.end(), value_) != rule_.prefixes.end();
    if (rule_.no_placeholder && (is_bare || is_placeholder(value_))) {
      complain("is a placeholder or a known weak secret");
    } else if (rule_.min_strength && asks_for_secret(value_)) {
      complain("asks for a secret and is none");
    }
    constexpr std::size_t longest_estimated = 256;
    if (rule_.min_strength && ZxcvbnMatch(value_.substr(0, longest_estimated).c_str(), nullptr,
                                          nullptr) < *rule_.min_strength)
      complain("is too easy to guess");
  }

  void judge_relations() {
    if (!rule_.same_as.empty()) {
      const std::string* other = find_key(keys_, rule_.same_as);
      if (other == nullptr || *other != value_) complain("differs from " + rule_.same_as);
    }
    if (!rule_.password_of.empty()) {
      const std::string* url = find_key(keys_, rule_.password_of);
      std::string problem;
      const auto target = url == nullptr ? std::nullopt : parse_postgres_target(*url, problem);
      bool is_same = false;
      if (target) {
        for (const auto& [key, text] : target->parameters)
          is_same = is_same || (key == "password" && text == value_);
      }
      if (!is_same) complain("differs from the password in " + rule_.password_of);
    }
    for (const std::string& other : rule_.distinct_from) {
      const std::string* value = find_key(keys_, other);
      if (other != name_ && value != nullptr && *value == value_)
        complain("is the same as " + other);
    }
  }

  const KeyRule& rule_;
  const std::string& name_;
  const std::string& value_;
  const Keys& keys_;
  std::vector<std::string> complaints_;
};

void read_conditions(Settings& settings, std::string_view key, bool negated, KeyRule& rule) {
  Node* node = settings.raw(key);
  if (node == nullptr) return;
  Settings map = settings.section(key);
  for (const Node::Entry& entry : node->entries)
    rule.when.push_back({entry.key, map.texts(entry.key), negated});
}

}  // namespace

std::vector<KeyProblem> problems_of(const KeyRule& rule, const Keys& keys, const Keys& defaults) {
  std::vector<KeyProblem> problems;
  if (!applies(rule, keys, defaults)) return problems;
  const auto add = [&](const std::string& key, std::string text, Reason reason) {
    problems.push_back({key, std::move(text), reason, rule.is_warning});
  };
  std::size_t set = 0;
  for (const auto& [name, value] : keys) {
    if (value.empty() || !matches_wildcard(rule.name, name)) continue;
    ++set;
    if (rule.required && !rule.absent && without_end_blanks(value).empty()) {
      add(name, "holds nothing but blanks", Reason::missing);
      continue;
    }
    if (rule.absent) {
      add(name, "is set, wanted it not to be", Reason::content);
      continue;
    }
    for (std::string& text : ValueJudge(rule, name, value, keys).complaints())
      add(name, std::move(text), Reason::content);
  }
  if (set == 0 && rule.required && !rule.absent) add(rule.name, "is not set", Reason::missing);
  return problems;
}

KeyRule read_key_rule(std::string name, Settings settings) {
  KeyRule rule;
  rule.name = std::move(name);
  rule.required = settings.flag_or("required", true);
  rule.absent = settings.flag_or("absent", false);
  rule.is_warning = settings.flag_or("warn", false);
  read_conditions(settings, "when", false, rule);
  read_conditions(settings, "when_not", true, rule);
  rule.type = settings.text_or("type", "");
  if (!rule.type.empty() && find_key_type(rule.type) == nullptr) {
    settings.complain_at("type", in_quotes(rule.type) + " is not known (one of " +
                                     joined(names_of_key_types()) + ")");
  }
  rule.is_list = settings.flag_or("list", false);
  rule.min_items = settings.integer("min_items", 0, 10'000).value_or(1);
  rule.min = settings.number("min", -1e15, 1e15);
  rule.max = settings.number("max", -1e15, 1e15);
  rule.min_length = settings.integer("min_length", 1, 10'000);
  rule.prefixes = settings.texts("prefix");
  rule.patterns = read_patterns(settings, "matches");
  rule.patterns_not = read_patterns(settings, "matches_not");
  rule.one_of = settings.texts("one_of");
  rule.forbidden = settings.texts("not");
  rule.no_placeholder = settings.flag_or("no_placeholder", false);
  rule.min_strength = settings.number("min_strength", 1, 512);
  rule.same_as = settings.text_or("same_as", "");
  rule.password_of = settings.text_or("password_of", "");
  rule.distinct_from = settings.texts("distinct_from");
  settings.finish();
  return rule;
}

}  // namespace gonogo
