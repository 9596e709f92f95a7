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

namespace {

std::string definition_of(const Checklist& checklist, const std::string& id,
                          const std::string& release) {
  const auto index = checklist.find_check(id);
  if (!index) return {};
  const Check& check = checklist.checks[*index];
  return check.is_of_release ? check.fingerprint + " of " + release : check.fingerprint;
}

const FigureRule* rule_of(const WatchRule& rule, const std::string& name) {
  const auto found =
      std::find_if(rule.figures.begin(), rule.figures.end(),
                   [&name](const FigureRule& figure) { return name_of(figure) == name; });
  return found == rule.figures.end() ? nullptr : &*found;
}

void forget(Figure& figure) {
  figure.last.reset();
  figure.beyond_in_a_row = 0;
}

}  // namespace

Definitions definitions_at_begin(const WatchRule& rule, const Checklist& checklist) {
  Definitions definitions;
  for (const FigureRule& figure : rule.figures) {
    if (const auto index = checklist.find_check(figure.check))
      definitions.baselines[figure.check] = checklist.checks[*index].fingerprint;
  }
  return definitions;
}

bool follow_definitions(Deployment& deployment, Definitions& definitions, const WatchRule& rule,
                        const Checklist& checklist, const std::string& release) {
  std::map<std::string, std::string> current;
  const auto has_changed = [&](const std::string& check) {
    const std::string& now = current[check] = definition_of(checklist, check, release);
    const auto before = definitions.samples.find(check);
    return before != definitions.samples.end() && before->second != now;
  };
  for (auto& [id, samples] : deployment.samples) {
    if (has_changed(id)) samples = 0;
  }
  for (auto& [name, figure] : deployment.figures) {
    const FigureRule* bounds = rule_of(rule, name);
    if (bounds == nullptr || has_changed(bounds->check)) forget(figure);
  }
  if (current == definitions.samples) return false;
  definitions.samples = std::move(current);
  return true;
}

void take_sample(Deployment& deployment, const WatchRule& rule, const Check& check,
                 const Observation& seen, const WatchTimes& times) {
  const bool says_something = seen.outcome != Outcome::unknown && seen.outcome != Outcome::skipped;
  if (!says_something || seen.at.steady < counts_from(rule, times)) return;
  const auto watched = deployment.samples.find(check.id);
  if (watched != deployment.samples.end() && seen.outcome != Outcome::fail) ++watched->second;
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
  for (auto& [name, figure] : deployment.figures) forget(figure);
}

namespace {

// What speaks against a deploy, and what is missing to speak for it.
struct Evidence {
  std::vector<std::string> against;
  std::vector<std::string> missing;
};

// What a deploy is judged by at one moment.
struct Scene {
  const Deployment& deployment;
  const WatchRule& rule;
  const Snapshot& snapshot;
  const Definitions& definitions;
  SteadyTime from;  // what is older does not count
  SteadyTime now;
};

// Why the last result of a check does not say how it is now; empty when it does. One run may be
// missed.
std::string lateness_of(const CheckStatus& status, const Scene& scene) {
  const Check& check = *status.check;
  const CheckRecord& record = status.record;
  if (!record.decisive || record.decisive->at.steady < scene.from) return " has no new result yet";
  const Duration age = scene.now - record.decisive->at.steady;
  const Duration most =
      check.on_demand
          ? check.stale_after
          : 2 * watch_interval(scene.rule, check, scene.deployment.watch) + check.timeout;
  if (age <= most) return {};
  std::string text = ": its last result is " + to_words(age) + " old, wanted at most " +
                     to_words(most) + " while it is watched";
  if (record.last && record.last->outcome == Outcome::unknown)
    text += "; last run: " + record.last->summary;
  return text;
}

// What is missing of a watched check that is good by itself; empty when nothing is.
std::string what_is_missing(const CheckStatus& status, const Scene& scene) {
  const Check& check = *status.check;
  const CheckRecord& record = status.record;
  // Somebody may have waived a sign-off that is missing. What is blocked is not judged at all.
  if (!status.good || status.state == CheckState::blocked)
    return check.id + " is " + std::string(name_of(status.state)) +
           (status.summary.empty() ? "" : ": " + status.summary);
  if (check.on_demand) return check.id + " runs only when asked";
  if (!record.debounce.is_undecided()) {
    const std::string late = lateness_of(status, scene);
    return late.empty() ? late : check.id + late;
  }
  const int failures = record.debounce.state().failures_in_a_row;
  return check.id + ": its last " + (failures == 1 ? "run" : std::to_string(failures) + " runs") +
         " failed, which is not decided (" + std::to_string(check.debounce.fall) +
         " decide): " + record.decisive->summary;
}

void weigh_check(const std::string& id, int samples, const Scene& scene, Evidence& evidence) {
  const auto index = scene.snapshot.checklist->find_check(id);
  if (!index) {
    evidence.missing.push_back(id + " is no longer a check");
    return;
  }
  const CheckStatus& status = scene.snapshot.checks[*index];
  const CheckRecord& record = status.record;
  const CheckState state = own_state(*status.check, record, scene.now).state;
  const bool counts = record.decisive && record.decisive->at.steady >= scene.from;
  if (state == CheckState::fail && counts && record.decisive->outcome == Outcome::fail)
    evidence.against.push_back(id + " fails: " + record.decisive->summary);
  if (state != CheckState::pass && state != CheckState::warn) {
    evidence.missing.push_back(id + " is " + std::string(name_of(state)));
  } else if (std::string missing = what_is_missing(status, scene); !missing.empty()) {
    evidence.missing.push_back(std::move(missing));
  }
  if (samples < scene.rule.min_samples)
    evidence.missing.push_back(id + ": " + counted(samples, "sample") + ", wanted " +
                               std::to_string(scene.rule.min_samples));
}

// What is missing of a figure that has a number and is not out of bounds for good; empty when
// nothing is. The check that measures it need not be good.
std::string what_is_missing(const FigureRule& rule, const Figure& figure, const CheckStatus& status,
                            const Scene& scene) {
  const std::string name = name_of(rule) + ": ";
  const auto& decisive = status.record.decisive;
  if (decisive && decisive->outcome == Outcome::skipped) return name + rule.check + " is disabled";
  if (decisive && !figure_in(rule, *decisive)) return name + "no number in the last run";
  if (const std::string late = lateness_of(status, scene); !late.empty())
    return name + rule.check + late;
  const std::string beyond = excess(rule, figure.baseline, *figure.last);
  if (beyond.empty()) return {};
  return name_of(rule) + " is " + beyond + ", which is not decided (" +
         counted(static_cast<std::uint64_t>(figure.beyond_in_a_row), "sample") + " in a row, " +
         std::to_string(rule.in_a_row) + " decide)";
}

void weigh_figure(const std::string& name, const Figure& figure, const Scene& scene,
                  Evidence& evidence) {
  const FigureRule* rule = rule_of(scene.rule, name);
  if (rule == nullptr) {
    evidence.missing.push_back(name + " is no longer a figure of the watch");
    return;
  }
  const auto index = scene.snapshot.checklist->find_check(rule->check);
  if (!index) {
    evidence.missing.push_back(name + ": " + rule->check + " is no longer a check");
    return;
  }
  const CheckStatus& status = scene.snapshot.checks[*index];
  const auto compared = scene.definitions.baselines.find(rule->check);
  const bool compares = compared == scene.definitions.baselines.end() ||
                        compared->second == status.check->fingerprint;
  if (!compares) {
    evidence.missing.push_back(name + ": the number from before the deploy is of another " +
                               "definition of " + rule->check);
  } else if (!figure.last) {
    evidence.missing.push_back(name + ": no sample");
  } else if (const std::string beyond = excess(*rule, figure.baseline, *figure.last);
             figure.beyond_in_a_row >= rule->in_a_row && !beyond.empty()) {
    evidence.against.push_back(name + " is " + beyond);
  } else if (std::string missing = what_is_missing(*rule, figure, status, scene);
             !missing.empty()) {
    evidence.missing.push_back(std::move(missing));
  }
}

}  // namespace

Conclusion conclude(const Deployment& deployment, const WatchRule& rule, const Snapshot& snapshot,
                    const WatchTimes& times, SteadyTime now, const Definitions& definitions) {
  Conclusion conclusion;
  const SteadyTime end = times.began + deployment.watch;
  const SteadyTime last = end + deployment.watch;
  Evidence evidence;
  const Scene scene{deployment, rule, snapshot, definitions, counts_from(rule, times), now};
  for (const auto& [id, samples] : deployment.samples) weigh_check(id, samples, scene, evidence);
  for (const auto& [name, figure] : deployment.figures) weigh_figure(name, figure, scene, evidence);
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
