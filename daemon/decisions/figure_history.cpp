#include "daemon/decisions/figure_history.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/core/watch.h"
#include "daemon/formats/json_text.h"

namespace gonogo {
namespace {

using nlohmann::json;

// The baseline of a figure is the middle of this many numbers.
constexpr std::size_t numbers_kept = 20;
constexpr Duration least_memory = std::chrono::hours{1};

// How old a number may be after a restart.
Duration memory_of(const Check& check) {
  const Duration own =
      check.on_demand ? check.stale_after : check.interval * static_cast<int>(numbers_kept);
  return std::max(least_memory, own);
}

}  // namespace

void FigureHistory::follow(const std::vector<FigureRule>& rules, const Checklist& checklist) {
  std::map<std::string, Numbers> followed;
  for (const FigureRule& rule : rules) {
    const auto index = checklist.find_check(rule.check);
    if (!index) continue;
    Numbers& numbers = followed[name_of(rule)];
    numbers.check = rule.check;
    numbers.fingerprint = checklist.checks[*index].fingerprint;
    const auto former = figures_.find(name_of(rule));
    if (former != figures_.end() && former->second.fingerprint == numbers.fingerprint)
      numbers.last = std::move(former->second.last);
  }
  figures_ = std::move(followed);
}

bool FigureHistory::take(const std::vector<FigureRule>& rules, const Check& check,
                         const Observation& seen) {
  if (seen.outcome == Outcome::unknown || seen.outcome == Outcome::skipped) return false;
  bool has_any = false;
  for (const FigureRule& rule : rules) {
    const auto followed = figures_.find(name_of(rule));
    if (rule.check != check.id || followed == figures_.end()) continue;
    const auto number = figure_in(rule, seen);
    if (!number || !std::isfinite(*number)) continue;
    auto& last = followed->second.last;
    if (last.size() >= numbers_kept) last.pop_front();
    last.push_back({seen.at.wall, *number});
    has_any = true;
  }
  return has_any;
}

FigureHistory::Baselines FigureHistory::baselines() const {
  Baselines baselines;
  for (const auto& [name, numbers] : figures_) {
    if (numbers.last.empty()) {
      baselines.missing.push_back(name);
      continue;
    }
    std::vector<double> sorted;
    for (const Number& number : numbers.last) sorted.push_back(number.number);
    std::sort(sorted.begin(), sorted.end());
    baselines.figures[name].baseline = sorted[sorted.size() / 2];
  }
  return baselines;
}

std::string FigureHistory::text() const {
  json all = json::object();
  for (const auto& [name, numbers] : figures_) {
    json last = json::array();
    for (const Number& number : numbers.last)
      last.push_back({number.at.time_since_epoch().count(), number.number});
    all[name] = {{"fingerprint", numbers.fingerprint}, {"last", std::move(last)}};
  }
  return to_json_text(all);
}

void FigureHistory::restore(const std::string& text, const Checklist& checklist, WallTime now) {
  try {
    const json all = json::parse(text);
    for (auto& [name, numbers] : figures_) {
      const auto saved = all.find(name);
      const auto index = checklist.find_check(numbers.check);
      if (saved == all.end() || !index || saved->at("fingerprint") != numbers.fingerprint) continue;
      const Duration memory = memory_of(checklist.checks[*index]);
      std::deque<Number> last;
      for (const json& entry : saved->at("last")) {
        const Number number{WallTime{std::chrono::microseconds{entry.at(0).get<std::int64_t>()}},
                            entry.at(1).get<double>()};
        const Duration age = now - number.at;
        const bool counts =
            age >= Duration::zero() && age <= memory && std::isfinite(number.number);
        if (counts && last.size() < numbers_kept) last.push_back(number);
      }
      numbers.last = std::move(last);
    }
  } catch (const json::exception&) {
    // A text of another kind: the figures begin anew.
  }
}

}  // namespace gonogo
