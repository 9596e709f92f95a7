#include "daemon/formats/settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "daemon/core/text.h"
#include "daemon/core/units.h"

namespace gonogo {
namespace {

const char* type_in_words(const Node& node) {
  if (node.is_map()) return "a map";
  if (node.is_sequence()) return "a list";
  if (node.is_null()) return "nothing";
  return "a single value";
}

// A value as a problem may show it: without the secrets in it.
std::string seen(const Node& node) {
  return in_quotes(node.holds_secret ? node.shown : node.scalar);
}

// Of a text, or of a list of texts. A map's texts are judged one by one.
std::vector<std::string> secrets_from_outside(const Node& node) {
  std::vector<std::string> names;
  const auto add = [&names](const Node& text) {
    for (const Node::Part& part : text.parts) {
      if (part.is_secret && text.is_of_world) names.push_back(part.text);
    }
  };
  add(node);
  for (const Node& item : node.items) add(item);
  return names;
}

// What is made of it would be a second problem with one cause.
bool is_reported(const Node* node) {
  if (node == nullptr) return false;
  return node->is_reported || std::any_of(node->items.begin(), node->items.end(),
                                          [](const Node& item) { return item.is_reported; });
}

// Of a key or an item that is written.
std::string no_value(std::string_view what) {
  return "is nothing (give it a value, in quotes if that begins with `#`, or remove the " +
         std::string(what) + ")";
}

// Of one in a list or a map of texts.
std::string no_text(const Node& node, std::string_view what) {
  if (node.is_null()) return no_value(what);
  return std::string("is ") + type_in_words(node) + " (wanted a text)";
}

}  // namespace

Settings::Settings(Node* node, Place place, std::string path, Reading& reading)
    : node_(node), place_(place), path_(std::move(path)), reading_(reading) {
  is_reported_ = node_ != nullptr && node_->is_reported;
  if (node_ != nullptr && node_->is_null()) node_ = nullptr;
  if (node_ != nullptr && !node_->is_map()) {
    complain(std::string("is ") + type_in_words(*node_) + " (a map of options belongs here)");
    is_reported_ = true;
    node_->is_reported = true;
    node_ = nullptr;
  }
}

Node* Settings::raw(std::string_view key) {
  if (key.empty()) return nullptr;
  asked_.emplace_back(key);
  Node* found = node_ == nullptr ? nullptr : node_->find(key);
  if (found == nullptr || !found->is_null()) return found;
  // Whoever wrote `contains_not: #root` did not mean to leave it out.
  if (!found->may_be_empty && !found->is_reported) refuse_at(key, no_value("key"));
  is_reported_ = is_reported_ || !found->may_be_empty;
  found->is_reported = !found->may_be_empty;
  return nullptr;
}

bool Settings::has(std::string_view key) { return raw(key) != nullptr; }

Place Settings::place_of(std::string_view key) const {
  if (node_ != nullptr) {
    for (const Node::Entry& entry : node_->entries) {
      if (entry.key == key) return entry.value.is_null() ? entry.place : entry.value.place;
    }
  }
  return place_;
}

std::string Settings::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void Settings::complain(std::string text) {
  if (is_reported_) return;
  reading_.problems.push_back({place_, path_, std::move(text)});
}

Problem Settings::problem_at(std::string_view key, std::string text) const {
  const std::string path = path_of(key);
  return {place_of(key), path, std::move(text)};
}

void Settings::complain_at(std::string_view key, std::string text) {
  const Node* node = node_ == nullptr ? nullptr : node_->find(key);
  if (is_reported(node)) return;
  std::vector<std::string> secrets;
  if (node != nullptr) secrets = secrets_from_outside(*node);
  if (secrets.empty()) return refuse_at(key, std::move(text));
  reading_.lacks.push_back({Reason::secret, problem_at(key, std::move(text)), std::move(secrets)});
}

void Settings::refuse_at(std::string_view key, std::string text) {
  reading_.problems.push_back(problem_at(key, std::move(text)));
}

void Settings::lack_at(std::string_view key, Reason reason, std::string text) {
  if (is_reported(node_ == nullptr ? nullptr : node_->find(key))) return;
  reading_.lacks.push_back({reason, problem_at(key, std::move(text)), {}});
}

std::string_view Settings::renamed(std::string_view key, std::string_view former) {
  if (!has(former)) return key;
  if (has(key)) {
    complain_at(former, "is the former name of `" + std::string(key) + "` (give only that one)");
    return key;
  }
  const std::string path = path_of(former);
  reading_.warnings.push_back(
      {place_of(former), path, "is now called `" + std::string(key) + "` (rename it)"});
  return former;
}

Node* Settings::scalar(std::string_view key, std::string_view wanted) {
  Node* node = raw(key);
  if (node == nullptr) return nullptr;
  if (node->is_scalar()) return node;
  complain_at(key,
              std::string("is ") + type_in_words(*node) + " (wanted " + std::string(wanted) + ")");
  return nullptr;
}

std::optional<std::string> Settings::text(std::string_view key) {
  const Node* node = scalar(key, "a text");
  if (node == nullptr) return std::nullopt;
  return node->scalar;
}

std::string Settings::text_or(std::string_view key, std::string fallback) {
  return text(key).value_or(std::move(fallback));
}

std::string Settings::required_text(std::string_view key, std::string_view example) {
  const bool present = has(key);
  auto value = text(key);
  if (value && !value->empty()) return *value;
  if (!present) {
    complain("`" + std::string(key) + "` is missing (such as " + std::string(key) + ": " +
             std::string(example) + ")");
  } else if (value) {
    complain_at(key, "is empty (such as " + std::string(example) + ")");
  }
  return {};
}

std::optional<std::string> Settings::secret(std::string_view key) {
  Node* node = scalar(key, "a text");
  if (node == nullptr) return std::nullopt;
  reading_.redactor.hide(node->scalar);
  if (!node->holds_secret) {
    node->holds_secret = true;
    node->shown = "[secret]";
  }
  return node->scalar;
}

std::optional<bool> Settings::flag(std::string_view key) {
  const Node* node = scalar(key, "true or false");
  if (node == nullptr) return std::nullopt;
  // In YAML 1.2's core schema yes, no, on and off are texts.
  if (!node->is_quoted && node->scalar == "true") return true;
  if (!node->is_quoted && node->scalar == "false") return false;
  complain_at(key, seen(*node) + " is no truth value (true or false)");
  return std::nullopt;
}

std::optional<std::int64_t> Settings::integer(std::string_view key, std::int64_t least,
                                              std::int64_t most) {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  const Node* node = scalar(key, "a whole number");
  if (node == nullptr) return std::nullopt;
  std::int64_t value = 0;
  const char* end = node->scalar.data() + node->scalar.size();
  const auto [stopped, error] = std::from_chars(node->scalar.data(), end, value);
  if (error != std::errc{} || stopped != end) {
    complain_at(key, seen(*node) + " is no whole number (" + range + ")");
    return std::nullopt;
  }
  if (value < least || value > most) {
    complain_at(key, seen(*node) + " is out of range (" + range + ")");
    return std::nullopt;
  }
  return value;
}

std::optional<double> Settings::number(std::string_view key, double least, double most) {
  const std::string range = number_in_words(least) + " to " + number_in_words(most);
  const Node* node = scalar(key, "a number");
  if (node == nullptr) return std::nullopt;
  double value = 0;
  const char* end = node->scalar.data() + node->scalar.size();
  const auto [stopped, error] = std::from_chars(node->scalar.data(), end, value);
  if (error != std::errc{} || stopped != end || !std::isfinite(value)) {
    complain_at(key, seen(*node) + " is no number (" + range + ")");
    return std::nullopt;
  }
  if (value < least || value > most) {
    complain_at(key, seen(*node) + " is out of range (" + range + ")");
    return std::nullopt;
  }
  return value;
}

std::optional<Duration> Settings::duration(std::string_view key, DurationBounds bounds) {
  const Node* node = scalar(key, "a duration such as 30s");
  if (node == nullptr) return std::nullopt;
  const auto value = parse_duration(node->scalar);
  if (!value) {
    complain_at(key, seen(*node) + " is no duration (such as 250ms, 30s, 26h, 90d)");
    return std::nullopt;
  }
  if (*value < bounds.least || *value > bounds.most) {
    complain_at(key, seen(*node) + " is out of range (" + to_words(bounds.least) + " to " +
                         to_words(bounds.most) + ")");
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> Settings::size(std::string_view key) {
  const Node* node = scalar(key, "a size such as 20GiB");
  if (node == nullptr) return std::nullopt;
  const auto value = parse_size(node->scalar);
  if (!value) complain_at(key, seen(*node) + " is no size (such as 4096, 500MB, 20GiB)");
  return value;
}

std::optional<std::string> Settings::one_of(std::string_view key,
                                            std::initializer_list<std::string_view> allowed) {
  auto value = text(key);
  if (!value) return std::nullopt;
  if (std::find(allowed.begin(), allowed.end(), *value) != allowed.end()) return value;
  complain_at(key, seen(*raw(key)) + " is not known (one of " + joined(allowed) + ")");
  return std::nullopt;
}

std::vector<std::string> Settings::texts(std::string_view key) {
  const Node* node = raw(key);
  std::vector<std::string> values;
  if (node == nullptr) return values;
  if (node->is_scalar()) {
    values.push_back(node->scalar);
  } else if (node->is_sequence()) {
    for (const Node& item : node->items) {
      if (item.is_scalar())
        values.push_back(item.scalar);
      else if (!item.is_reported)
        reading_.problems.push_back({item.place, path_of(key), no_text(item, "item")});
    }
  } else {
    complain_at(key, "is a map (wanted a text or a list of texts)");
  }
  return values;
}

std::vector<std::pair<std::string, std::string>> Settings::text_map(std::string_view key) {
  const Node* node = raw(key);
  std::vector<std::pair<std::string, std::string>> values;
  if (node == nullptr) return values;
  if (!node->is_map()) {
    complain_at(key, std::string("is ") + type_in_words(*node) + " (wanted a map of texts)");
    return values;
  }
  for (const Node::Entry& entry : node->entries) {
    if (entry.value.is_scalar())
      values.emplace_back(entry.key, entry.value.scalar);
    else if (!entry.value.is_reported)
      reading_.problems.push_back(
          {entry.place, path_of(key) + "." + entry.key, no_text(entry.value, "key")});
  }
  return values;
}

Settings Settings::section(std::string_view key) {
  Node* node = raw(key);
  Settings section(node, node == nullptr ? place_ : node->place, path_of(key), reading_);
  const Node* written = node_ == nullptr ? nullptr : node_->find(key);
  section.is_reported_ = section.is_reported_ || (written != nullptr && written->is_reported);
  return section;
}

std::vector<std::pair<std::string, Settings>> Settings::sections(std::string_view key) {
  Node* node = raw(key);
  std::vector<std::pair<std::string, Settings>> found;
  if (node == nullptr) return found;
  const std::string path = path_of(key);
  if (node->is_map()) {
    for (Node::Entry& entry : node->entries) {
      found.emplace_back(entry.key,
                         Settings(&entry.value, entry.place, path + "." + entry.key, reading_));
    }
  } else if (node->is_sequence()) {
    for (std::size_t i = 0; i < node->items.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      std::string place = path + "[";
      place += number + "]";
      found.emplace_back(number, Settings(&node->items[i], node->items[i].place, place, reading_));
    }
  } else {
    complain_at(key, "is a single value (wanted a map)");
  }
  return found;
}

void Settings::finish() {
  if (node_ == nullptr) return;
  std::vector<std::string_view> known(asked_.begin(), asked_.end());
  for (const Node::Entry& entry : node_->entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    const std::string path = path_of(entry.key);
    std::string text = "unknown key";
    if (const auto meant = closest(entry.key, known)) {
      text += " (did you mean `" + std::string(*meant) + "`?)";
    } else {
      std::sort(known.begin(), known.end());
      known.erase(std::unique(known.begin(), known.end()), known.end());
      text += " (known here: " + joined(known) + ")";
    }
    reading_.problems.push_back({entry.place, path, std::move(text)});
  }
}

}  // namespace gonogo
