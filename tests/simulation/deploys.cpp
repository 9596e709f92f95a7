#include "tests/simulation/deploys.h"

#include <algorithm>

namespace gonogo::simulation {
namespace {

// A watched check that failed before the deploy too is seen to fail within this time.
constexpr Duration longest_unseen = std::chrono::seconds{6};

// The number in the id of a check of a plan.
std::int64_t number_of(const std::string& id) { return std::stoll(id.substr(id.find('-') + 1)); }

}  // namespace

void Deploys::began(Now now, Duration watch) {
  began_ = now.steady;
  watch_ = watch;
  is_exact_ = true;
  is_watched_ = true;
}

void Deploys::hook_runs() {
  // The daemon shows the regression in the same instant, so this is held against it later.
  ++hooks_;
}

// Whether a check that is watched fails, by a fresh result from after the deploy had settled.
bool Deploys::has_failed(const Deployment& shown, bool by_time, Now now) {
  return std::any_of(shown.samples.begin(), shown.samples.end(), [&](const auto& watched) {
    const std::int64_t check = number_of(watched.first);
    const CheckSpec* spec = clerk_.spec_of(check);
    if (spec == nullptr) return false;
    const Known& known = clerk_.known_of(check);
    const bool is_held = known.held_until && now.steady < *known.held_until;
    if (!known.last || !known.last->failed || (known.ruling != Known::Ruling::bad && !is_held))
      return false;
    if (now.steady - known.last->began > std::chrono::seconds{spec->stale_after()}) return false;
    return !by_time || known.last->began >= *began_ + settle;
  });
}

bool Deploys::has_failed_since(const Deployment& shown, SteadyTime since) {
  return std::any_of(shown.samples.begin(), shown.samples.end(), [&](const auto& watched) {
    const auto& failed = clerk_.known_of(number_of(watched.first)).failed;
    return failed && failed->ended >= since;
  });
}

void Deploys::ended(const Deployment& shown, Now now) {
  is_watched_ = false;
  const std::string name = "the deploy of " + shown.version;
  switch (shown.status) {
    case DeploymentStatus::regressed:
      ++regressed;
      ++hooks_allowed_;
      // It may have passed again before the daemon considered the deploy.
      if (!has_failed(shown, is_exact_, now) &&
          !has_failed_since(shown, now.steady - longest_unseen))
        faults_.report(name + " regressed, and nothing got worse");
      break;
    case DeploymentStatus::verified:
      ++verified;
      if (is_exact_ && now.steady < *began_ + watch_)
        faults_.report(name + " is verified too early");
      if (std::any_of(shown.samples.begin(), shown.samples.end(),
                      [](const auto& watched) { return watched.second < samples; }))
        faults_.report(name + " is verified without evidence");
      if (shown.samples.empty()) faults_.report(name + " is verified, and nothing was watched");
      for (const auto& [id, counted] : shown.samples) {
        const SteadyTime since = (is_exact_ ? *began_ : SteadyTime{}) + settle;
        if (clerk_.judged_since(number_of(id), since) < (is_exact_ ? counted : samples))
          faults_.report(name + " is verified by samples that were not taken");
      }
      // What fails at this very instant may have come after the end.
      if (has_failed(shown, false, now) && !has_failed_since(shown, now.steady))
        faults_.report(name + " is verified, and a check fails");
      break;
    case DeploymentStatus::superseded: break;
    default:
      ++unproven;
      if (is_exact_ && now.steady < *began_ + watch_)
        faults_.report(name + " is given up too early");
      break;
  }
}

void Deploys::compare(const std::optional<Deployment>& shown, Now now) {
  if (is_watched_ && !shown) faults_.report("a deploy that was answered with success is gone");
  if (!shown) return;
  const bool is_watching = shown->status == DeploymentStatus::watching;
  if (is_watched_ && !is_watching) ended(*shown, now);
  const bool is_unseen = is_watched_ && is_exact_ && has_failed(*shown, true, now);
  if (!is_unseen) unseen_since_.reset();
  if (is_unseen && !unseen_since_) unseen_since_ = now.steady;
  if (is_unseen && now.steady - *unseen_since_ > longest_unseen)
    faults_.report("the deploy of " + shown->version + " has regressed, and it is not seen");
  if (hooks_ > hooks_allowed_) faults_.report("the hook ran, and nothing regressed");
}

}  // namespace gonogo::simulation
