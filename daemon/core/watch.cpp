#include "daemon/core/watch.h"

#include <algorithm>
#include <cmath>

#include "daemon/core/own_state.h"
#include "daemon/core/text.h"
#include "daemon/core/units.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

bool is_named(const WatchRule& rule, const Check& check) {
  if (rule.checks.empty()) return true;
  return std::any_of(rule.checks.begin(), rule.checks.end(), [&](const std::string& pattern) {
    return matches_wildcard(pattern, check.id) ||
           (!check.item.empty() && matches_wildcard(pattern, check.item));
  });
}

// Why `number` is out of bounds; empty when it is not.
std::string excess(const FigureRule& rule, double baseline, double number) {
  const auto beyond = [&](const char* word, double limit) {
    return number_in_words(number) + ", wanted " + word + " " + number_in_words(limit) +
           " (before the deploy: " + number_in_words(baseline) + ")";
  };
  if (rule.max_ratio && number > *rule.max_ratio * baseline)
    return beyond("at most", *rule.max_ratio * baseline);
  if (rule.max_increase && number > baseline + *rule.max_increase)
    return beyond("at most", baseline + *rule.max_increase);
  if (rule.min_ratio && number < *rule.min_ratio * baseline)
    return beyond("at least", *rule.min_ratio * baseline);
  if (rule.max_decrease && number < baseline - *rule.max_decrease)
    return beyond("at least", baseline - *rule.max_decrease);
  return {};
}

}  // namespace

std::string name_of(const FigureRule& rule) { return rule.check + "/" + rule.value; }

std::optional<double> figure_in(const FigureRule& rule, const Observation& seen) {
  if (rule.value == "duration") return in_seconds(seen.took);
  for (const Value& value : seen.values) {
    // Without a number there is no evidence, neither for a deploy nor against it.
    if (value.name == rule.value && !std::isnan(value.number)) return value.number;
  }
  return std::nullopt;
}

std::vector<std::size_t> to_be_watched(const WatchRule& rule, const Snapshot& before,
                                       bool even_bad) {
  std::vector<std::size_t> watched;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < before.checks.size(); ++i) {
    const Check& check = before.checklist->checks[i];
    const bool could_be = check.severity == Severity::blocker && check.has_probe() &&
                          !check.on_demand && !check.is_builtin && is_named(rule, check);
    if (!could_be) continue;
    all.push_back(i);
    const CheckState state = own_state(check, before.checks[i].record, before.at.steady).state;
    if (state == CheckState::pass || state == CheckState::warn) watched.push_back(i);
  }
  return watched.empty() && even_bad ? all : watched;
}

Duration watch_interval(const WatchRule& rule, const Check& check, Duration window) {
  const Duration for_samples =
      std::max<Duration>(window - rule.settle, 0s) / std::max(1, rule.min_samples + 1);
  Duration interval = std::min(check.interval / 2, for_samples);
  if (rule.interval) interval = std::min(interval, *rule.interval);
  return std::max<Duration>({interval, std::min(check.timeout, check.interval), 1s});
}

SteadyTime counts_from(const WatchRule& rule, const WatchTimes& times) {
  return std::max(times.began + rule.settle, times.resumed);
}

void take_sample(Deployment& deployment, const WatchRule& rule, const Check& check,
                 const Observation& seen, const WatchTimes& times) {
  const bool says_something = seen.outcome != Outcome::unknown && seen.outcome != Outcome::skipped;
  if (!says_something || seen.at.steady < counts_from(rule, times)) return;
  if (const auto watched = deployment.samples.find(check.id); watched != deployment.samples.end())
    ++watched->second;
  for (const FigureRule& figure : rule.figures) {
    if (figure.check != check.id) continue;
    const auto kept = deployment.figures.find(name_of(figure));
    const auto number = figure_in(figure, seen);
    if (kept == deployment.figures.end() || !number) continue;
    kept->second.last = number;
    const bool is_beyond = !excess(figure, kept->second.baseline, *number).empty();
    kept->second.beyond_in_a_row = is_beyond ? kept->second.beyond_in_a_row + 1 : 0;
  }
}

void forget_figures(Deployment& deployment) {
  for (auto& [name, figure] : deployment.figures) {
    figure.last.reset();
    figure.beyond_in_a_row = 0;
  }
}

namespace {

// What speaks against a deploy, and what is missing to speak for it.
struct Evidence {
  std::vector<std::string> against;
  std::vector<std::string> missing;
};

void weigh_check(const std::string& id, int samples, const WatchRule& rule,
                 const Snapshot& snapshot, SteadyTime from, SteadyTime now, Evidence& evidence) {
  const auto index = snapshot.checklist->find_check(id);
  if (!index) {
    evidence.missing.push_back(id + " is no longer a check");
    return;
  }
  const CheckRecord& record = snapshot.checks[*index].record;
  const CheckState state = own_state(snapshot.checklist->checks[*index], record, now).state;
  const bool counts = record.decisive && record.decisive->at.steady >= from;
  if (state == CheckState::fail && counts && record.decisive->outcome == Outcome::fail)
    evidence.against.push_back(id + " fails: " + record.decisive->summary);
  if (state != CheckState::pass && state != CheckState::warn) {
    evidence.missing.push_back(id + " is " + std::string(name_of(state)));
  } else if (!counts) {
    evidence.missing.push_back(id + " has no new result yet");
  }
  if (samples < rule.min_samples)
    evidence.missing.push_back(id + ": " + std::to_string(samples) + " samples, wanted " +
                               std::to_string(rule.min_samples));
}

void weigh_figures(const Deployment& deployment, const WatchRule& rule, Evidence& evidence) {
  for (const FigureRule& figure : rule.figures) {
    const auto kept = deployment.figures.find(name_of(figure));
    if (kept == deployment.figures.end()) continue;
    const Figure& seen = kept->second;
    if (!seen.last) {
      evidence.missing.push_back(name_of(figure) + ": no sample");
    } else if (seen.beyond_in_a_row >= figure.in_a_row) {
      evidence.against.push_back(name_of(figure) + " is " +
                                 excess(figure, seen.baseline, *seen.last));
    }
  }
}

}  // namespace

Conclusion conclude(const Deployment& deployment, const WatchRule& rule, const Snapshot& snapshot,
                    const WatchTimes& times, SteadyTime now) {
  Conclusion conclusion;
  const SteadyTime end = times.began + deployment.watch;
  const SteadyTime last = end + deployment.watch;
  Evidence evidence;
  for (const auto& [id, samples] : deployment.samples)
    weigh_check(id, samples, rule, snapshot, counts_from(rule, times), now, evidence);
  weigh_figures(deployment, rule, evidence);
  if (!evidence.against.empty()) {
    conclusion.status = DeploymentStatus::regressed;
    conclusion.findings = std::move(evidence.against);
  } else if (now >= end && evidence.missing.empty()) {
    conclusion.status = DeploymentStatus::verified;
  } else if (now >= last) {
    conclusion.status = DeploymentStatus::unproven;
    conclusion.findings.emplace_back("not enough evidence");
    conclusion.findings.insert(conclusion.findings.end(), evidence.missing.begin(),
                               evidence.missing.end());
  } else {
    conclusion.ask_again = now < end ? end : last;
  }
  return conclusion;
}

}  // namespace gonogo
