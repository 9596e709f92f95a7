// Options of a check, and the units that they are written in.
#include "daemon/formats/settings.h"

#include <cmath>

#include "daemon/core/text_cleaner.h"
#include "daemon/core/units.h"
#include "daemon/formats/address.h"
#include "daemon/formats/key_types.h"
#include "tests/fuzz/fuzz.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view secret = "Tr0ub4dor-and-3";

void fuzz_units(const std::string& text) {
  if (const auto span = parse_duration(text)) {
    hold(*span >= 0ns && *span <= 24h * 36'526, "a duration is within its bounds");
    const auto shown = parse_duration(to_words(*span));
    // Nanoseconds are shown, and are no unit of the configuration.
    if (*span >= 1us) hold(shown && *shown <= *span && *shown > *span / 2, "what is shown is read");
  }
  if (const auto bytes = parse_size(text)) {
    hold(*bytes >= 0, "a size is not negative");
    const auto shown = parse_size(size_in_words(*bytes));
    hold(shown && std::abs(static_cast<double>(*shown) - static_cast<double>(*bytes)) <=
                      0.1 * static_cast<double>(*bytes),
         "what is shown is about the size");
  }
  for (const std::string_view name : names_of_key_types())
    static_cast<void>(find_key_type(name)->fits(text));
  if (const auto target = parse_target(text)) {
    const auto again = parse_target(to_text(*target));
    hold(again && again->host == target->host && again->port == target->port &&
             again->via == target->via,
         "an address is read as it is shown");
  }
}

struct Options {
  explicit Options(Node value) {
    map.type = Node::Type::map;
    map.entries.push_back({"value", {}, std::move(value)});
  }
  Settings settings() { return {&map, {}, "check", reading}; }
  std::size_t complaints() const { return reading.problems.size() + reading.lacks.size(); }

  Node map;
  Reading reading;
};

// An option is good, or there is a problem with it.
template <typename Read>
void fuzz_option(const Node& value, const Read& read) {
  Options options(value);
  Settings settings = options.settings();
  const auto got = read(settings);
  hold(got.has_value() == (options.complaints() == 0), "a value is given or complained of");
  settings.finish();
  if (!value.holds_secret) return;
  for (const Problem& problem : options.reading.problems)
    hold(to_text(problem).find(secret) == std::string::npos, "a problem shows no secret");
}

void fuzz_options(const Node& value) {
  fuzz_option(value, [](Settings& from) { return from.text("value"); });
  fuzz_option(value, [](Settings& from) { return from.secret("value"); });
  fuzz_option(value, [](Settings& from) { return from.flag("value"); });
  fuzz_option(value, [](Settings& from) { return from.size("value"); });
  fuzz_option(value, [](Settings& from) { return from.one_of("value", {"debian", "cronie"}); });
  fuzz_option(value, [](Settings& from) { return read_target(from, "value", 0, "127.0.0.1:80"); });
  fuzz_option(value, [](Settings& from) {
    const auto number = from.integer("value", -5, 70'000);
    hold(!number || (*number >= -5 && *number <= 70'000), "an integer is within its bounds");
    return number;
  });
  fuzz_option(value, [](Settings& from) {
    const auto number = from.number("value", -1.5, 1e6);
    hold(!number || (*number >= -1.5 && *number <= 1e6), "a number is within its bounds");
    return number;
  });
  fuzz_option(value, [](Settings& from) {
    const auto span = from.duration("value", {.least = 1s, .most = 1h});
    hold(!span || (*span >= 1s && *span <= 1h), "a duration is within its bounds");
    return span;
  });
}

}  // namespace

void fuzz(std::string_view input) {
  // As in the daemon: what is known to be secret is taken out of every message.
  static const Redactor redactor = [] {
    Redactor knowing;
    knowing.hide(secret);
    return knowing;
  }();
  static const TextCleaner cleaner([](std::string_view text, std::size_t most, Torn torn) {
    return redactor.clean_beginning(text, most, torn);
  });
  const std::string text(input);
  fuzz_units(text);
  Node value;
  value.type = Node::Type::scalar;
  value.scalar = value.shown = text;
  fuzz_options(value);
  value.is_quoted = true;
  fuzz_options(value);
  value.holds_secret = true;
  value.scalar = text + std::string(secret);
  value.shown = "${secrets.password}";
  fuzz_options(value);
}

}  // namespace gonogo
