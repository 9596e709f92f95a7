#include "daemon/formats/template.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/core/text.h"
#include "daemon/formats/json_text.h"
#include "daemon/formats/url.h"

namespace gonogo {
namespace {

constexpr std::size_t largest = 1 << 20;

std::string encoded(const std::string& value, Fill place) {
  if (place == Fill::in_url) return percent_encoded(value);
  if (place == Fill::plain) return value;
  const std::string quoted = to_json_text(nlohmann::json(value));
  return quoted.substr(1, quoted.size() - 2);
}

// The next {{name}} at or after `from`: where it begins and ends, and its name.
struct Slot {
  std::size_t begin;
  std::size_t end;
  std::string_view name;
};
std::optional<Slot> next_slot(std::string_view text, std::size_t from) {
  const std::size_t begin = text.find("{{", from);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::size_t end = text.find("}}", begin);
  if (end == std::string_view::npos) return std::nullopt;
  return Slot{begin, end + 2, trimmed(text.substr(begin + 2, end - begin - 2))};
}

}  // namespace

std::string fill_template(std::string_view text, const Captures& captures, Fill place) {
  std::string filled;
  std::size_t at = 0;
  while (const auto slot = next_slot(text, at)) {
    filled += text.substr(at, slot->begin - at);
    const auto found = captures.find(slot->name);
    filled += found == captures.end()
                  ? std::string(text.substr(slot->begin, slot->end - slot->begin))
                  : encoded(found->second, place);
    at = slot->end;
  }
  filled += text.substr(at);
  if (filled.size() > largest) filled.resize(largest);
  return filled;
}

std::vector<std::string> names_in_template(std::string_view text) {
  std::vector<std::string> names;
  std::size_t at = 0;
  while (const auto slot = next_slot(text, at)) {
    names.emplace_back(slot->name);
    at = slot->end;
  }
  return names;
}

}  // namespace gonogo
