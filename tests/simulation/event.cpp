#include "tests/simulation/event.h"

#include <array>
#include <sstream>
#include <string_view>

namespace gonogo::simulation {
namespace {

constexpr std::array<std::string_view, 20> kind_names{
    "check", "remove",    "group", "freeze",  "reload",   "restart", "wait",
    "stall", "unnoticed", "wall",  "answer",  "heal",     "release", "run",
    "sign",  "withdraw",  "waive", "unwaive", "announce", "deploy"};
static_assert(kind_names.size() == static_cast<std::size_t>(EventKind::deploy) + 1);

struct Field {
  std::string_view name;
  std::int64_t& (*in)(Event& event);
};

#define GONOGO_FIELD(name, path)                                   \
  {                                                                \
    name, [](Event& event) -> std::int64_t& { return event.path; } \
  }
const std::array fields{
    Field GONOGO_FIELD("number", number),
    Field GONOGO_FIELD("span", span),
    Field GONOGO_FIELD("from", from),
    Field GONOGO_FIELD("limit", limit),
    Field GONOGO_FIELD("person", person),
    Field GONOGO_FIELD("bound", bound),
    Field GONOGO_FIELD("answer", answer),
    Field GONOGO_FIELD("pace", pace),
    Field GONOGO_FIELD("version", spec.version),
    Field GONOGO_FIELD("gate", spec.gate),
    Field GONOGO_FIELD("advisory", spec.advisory),
    Field GONOGO_FIELD("probed", spec.probed),
    Field GONOGO_FIELD("on_demand", spec.on_demand),
    Field GONOGO_FIELD("interval", spec.interval),
    Field GONOGO_FIELD("timeout", spec.timeout),
    Field GONOGO_FIELD("retry", spec.retry),
    Field GONOGO_FIELD("failures", spec.failures),
    Field GONOGO_FIELD("of", spec.of),
    Field GONOGO_FIELD("successes", spec.successes),
    Field GONOGO_FIELD("flaps", spec.flaps),
    Field GONOGO_FIELD("calm", spec.calm),
    Field GONOGO_FIELD("group", spec.group),
    Field GONOGO_FIELD("parent", spec.parent),
    Field GONOGO_FIELD("second_parent", spec.second_parent),
    Field GONOGO_FIELD("settle", spec.settle),
    Field GONOGO_FIELD("people", spec.people),
    Field GONOGO_FIELD("valid_for", spec.valid_for),
    Field GONOGO_FIELD("per_release", spec.per_release),
    Field GONOGO_FIELD("unwaivable", spec.unwaivable),
    Field GONOGO_FIELD("at_least", spec.at_least),
    Field GONOGO_FIELD("member", spec.member),
    Field GONOGO_FIELD("second_member", spec.second_member),
    Field GONOGO_FIELD("third_member", spec.third_member),
    Field GONOGO_FIELD("member_gate", spec.member_gate),
};
#undef GONOGO_FIELD

std::optional<Event> event_from(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  words >> word;
  Event event;
  bool is_known = false;
  for (std::size_t i = 0; i < kind_names.size(); ++i) {
    if (kind_names.at(i) != word) continue;
    event.kind = static_cast<EventKind>(i);
    is_known = true;
  }
  if (!is_known) return std::nullopt;
  while (words >> word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return std::nullopt;
    is_known = false;
    for (const Field& field : fields) {
      if (field.name != std::string_view(word).substr(0, equals)) continue;
      field.in(event) = std::stoll(word.substr(equals + 1));
      is_known = true;
    }
    if (!is_known) return std::nullopt;
  }
  return event;
}

}  // namespace

std::string to_text(const Event& event) {
  std::string text(kind_names.at(static_cast<std::size_t>(event.kind)));
  Event shown = event;
  Event plain;
  for (const Field& field : fields) {
    if (field.in(shown) == field.in(plain)) continue;
    text += " " + std::string(field.name) + "=" + std::to_string(field.in(shown));
  }
  return text;
}

std::string to_text(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) text += to_text(event) + "\n";
  return text;
}

std::size_t field_count() { return fields.size(); }

std::vector<Event> plainer_forms(const Event& event, std::size_t field) {
  std::vector<Event> forms;
  Event changed = event;
  Event plain;
  std::int64_t& value = fields.at(field).in(changed);
  const std::int64_t usual = fields.at(field).in(plain);
  const std::int64_t before = value;
  for (const std::int64_t plainer : {usual, before / 60'000 * 60'000, before / 1000 * 1000}) {
    if (plainer == before || (plainer == 0 && usual != 0)) continue;
    value = plainer;
    forms.push_back(changed);
  }
  return forms;
}

std::optional<std::vector<Event>> events_from(const std::string& text) {
  std::vector<Event> events;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(' ') == std::string::npos) continue;
    const auto event = event_from(line);
    if (!event) return std::nullopt;
    events.push_back(*event);
  }
  return events;
}

}  // namespace gonogo::simulation
