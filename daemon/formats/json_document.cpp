#include "daemon/formats/json_document.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

constexpr int deepest = 64;

bool is_too_deep(std::string_view text) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text) {
      if (c == '\\') ++i;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

tl::expected<nlohmann::json, std::string> parse_json(std::string_view text) {
  if (is_too_deep(text)) return tl::unexpected<std::string>("nests deeper than 64 levels");
  nlohmann::json document = nlohmann::json::parse(text, nullptr, false);
  if (document.is_discarded())
    return tl::unexpected<std::string>("is not JSON, got " + in_quotes(text));
  return document;
}

const nlohmann::json& member(const nlohmann::json& object, std::string_view key) {
  static const nlohmann::json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

double number_of(const nlohmann::json& value, double fallback) {
  return value.is_number() ? value.get<double>() : fallback;
}

std::int64_t whole_number_of(const nlohmann::json& value, std::int64_t fallback) {
  constexpr double bound = 1e15;
  if (!value.is_number()) return fallback;
  return static_cast<std::int64_t>(std::clamp(value.get<double>(), -bound, bound));
}

}  // namespace gonogo
