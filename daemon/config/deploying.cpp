#include "daemon/config/deploying.h"

#include <algorithm>
#include <utility>

#include "daemon/config/secret_options.h"
#include "daemon/core/text.h"
#include "probes/command.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

FigureRule read_figure(Settings& section, const Checklist& list) {
  FigureRule figure;
  figure.check = section.required_text("check", "api-readiness");
  figure.value = section.text_or("value", "duration");
  const auto limit = [&section](const char* key) { return section.number(key, 0, 1e18); };
  figure.max_ratio = limit("max_ratio");
  figure.min_ratio = limit("min_ratio");
  figure.max_increase = limit("max_increase");
  figure.max_decrease = limit("max_decrease");
  // One slow run is no regression, but one restart is.
  const std::int64_t in_a_row = figure.value == "duration" ? 3 : 1;
  figure.in_a_row = static_cast<int>(section.integer("in_a_row", 1, 1000).value_or(in_a_row));
  const auto index = list.find_check(figure.check);
  if (!figure.check.empty() && !index)
    section.complain_at("check",
                        in_quotes(figure.check) + " is no check (wanted the id of a check)");
  if (index && !list.checks[*index].has_probe())
    section.complain_at("check", in_quotes(figure.check) + " measures nothing");
  if (!figure.max_ratio && !figure.min_ratio && !figure.max_increase && !figure.max_decrease)
    section.complain("has no limit (one of max_ratio, min_ratio, max_increase, max_decrease)");
  section.finish();
  return figure;
}

void refuse_unknown(Settings& settings, const WatchRule& rule, const Checklist& list) {
  for (const std::string& pattern : rule.checks) {
    const auto is_meant = [&](const Check& check) {
      return matches_wildcard(pattern, check.id) ||
             (!check.item.empty() && matches_wildcard(pattern, check.item));
    };
    if (std::none_of(list.checks.begin(), list.checks.end(), is_meant))
      settings.complain_at("checks", in_quotes(pattern) + " is no check and no item");
  }
}

}  // namespace

DeployingConfig read_deploying(Settings& root, const Checklist& list, Resources& resources) {
  DeployingConfig config;
  Settings watch = root.section("watch");
  const DurationBounds window{.least = 10s, .most = 24h * 7};
  config.window = watch.duration("window", window).value_or(config.window);
  config.watch.settle =
      watch.duration("settle", {.least = 0s, .most = 24h}).value_or(config.watch.settle);
  config.watch.interval = watch.duration("interval", {.least = 1s, .most = 24h});
  config.watch.min_samples = static_cast<int>(watch.integer("min_samples", 1, 100'000).value_or(5));
  config.watch.checks = watch.texts("checks");
  refuse_unknown(watch, config.watch, list);
  for (auto& [number, section] : watch.sections("figures"))
    config.watch.figures.push_back(read_figure(section, list));
  if (watch.has("on_regressed")) {
    Settings hook = watch.section("on_regressed");
    config.on_regressed_timeout =
        hook.duration("timeout", {.least = 1s, .most = 24h}).value_or(10min);
    config.on_regressed = make_with_secrets(
        watch, "on_regressed",
        [](Settings& section, Resources& lent) -> std::shared_ptr<Probe> {
          section.has("timeout");
          return make_command(section, lent);
        },
        resources, config.lacks);
    config.renewables = std::exchange(watch.reading().renewables, {});
  }
  watch.finish();
  Settings waivers = root.section("waivers");
  config.longest_waiver =
      waivers.duration("longest", {.least = 1min, .most = 24h * 3660}).value_or(24h * 7);
  waivers.finish();
  return config;
}

}  // namespace gonogo
