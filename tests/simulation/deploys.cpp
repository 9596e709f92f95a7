#include "tests/simulation/deploys.h"

#include <algorithm>

namespace gonogo::simulation {
namespace {

// A watched check that failed before the deploy too is seen to fail within this time.
constexpr Duration longest_unseen = std::chrono::seconds{6};
constexpr Duration note_every = std::chrono::seconds{5};
constexpr Duration longest_silence = std::chrono::seconds{15};

// The number in the id of a check of a plan.
std::int64_t number_of(const std::string& id) { return std::stoll(id.substr(id.find('-') + 1)); }

}  // namespace

void Deploys::began(Now now, Duration watch) {
  began_ = earliest_ = latest_ = resumed_ = now.steady;
  watch_ = watch;
  is_watched_ = true;
  checks_.clear();
}

// The daemon notes the time every few seconds while it watches, and takes a longer silence for a
// pause.
void Deploys::stood_still(Duration span, Now now) {
  stood_ = span;
  went_on_ = now.steady;
  if (!is_watched_ || span + note_every <= longest_silence) return;
  resumed_ = now.steady;
  if (span > longest_silence) earliest_ += span;
  latest_ = std::min(now.steady, latest_ + span + note_every);
}

// It is not written down before the next run that it was watched since `noted`.
void Deploys::was_down(Duration span, SteadyTime noted, Now now) {
  if (!is_watched_) return;
  const SteadyTime stopped = now.steady - span;
  resumed_ = now.steady;
  earliest_ += span;
  latest_ = std::min(now.steady, latest_ + span + (stopped - std::max(noted, began_)));
}

void Deploys::hook_runs() {
  // The daemon shows the regression in the same instant, so this is held against it later.
  ++hooks_;
}

// Whether a check that is watched fails, by a fresh result of a run that began since then.
bool Deploys::has_failed(const Deployment& shown, std::optional<SteadyTime> since, Now now) {
  return std::any_of(shown.samples.begin(), shown.samples.end(), [&](const auto& watched) {
    const std::int64_t check = number_of(watched.first);
    const CheckSpec* spec = clerk_.spec_of(check);
    if (spec == nullptr) return false;
    const Known& known = clerk_.known_of(check);
    const bool is_held = known.held_until && now.steady < *known.held_until;
    if (!known.last || !known.last->failed || (known.ruling != Known::Ruling::bad && !is_held))
      return false;
    if (now.steady - known.last->began > std::chrono::seconds{spec->stale_after()}) return false;
    return !since || known.last->began >= *since;
  });
}

bool Deploys::has_failed_since(const Deployment& shown, SteadyTime since) {
  return std::any_of(shown.samples.begin(), shown.samples.end(), [&](const auto& watched) {
    const auto& failed = clerk_.known_of(number_of(watched.first)).failed;
    return failed && failed->ended >= since;
  });
}

void Deploys::follow(const Deployment& shown, Now now) {
  const Bounds ruled = clerk_.rule(now, false);
  for (const auto& [id, counted] : shown.samples) {
    const std::int64_t number = number_of(id);
    const CheckSpec* spec = clerk_.spec_of(number);
    const std::string means = spec == nullptr ? "" : fingerprint_of(*spec);
    const bool is_known = checks_.count(id) > 0;
    Watched& watched = checks_[id];
    if (is_known && watched.means != means) watched.means_since = now.steady;
    watched.means = means;
    const auto best = ruled.most.checks.find(number);
    const auto worst = ruled.least.checks.find(number);
    const bool is_bad =
        best == ruled.most.checks.end() || (!best->second.good && !worst->second.good) ||
        (best->second.state == State::blocked && worst->second.state == State::blocked);
    if (!is_bad) watched.bad_since.reset();
    if (is_bad && !watched.bad_since) watched.bad_since = now.steady;
  }
}

// What comes at this very instant may come after the end.
std::string Deploys::objection_by(const std::string& id, int counted, Now now) {
  const std::int64_t number = number_of(id);
  const CheckSpec* spec = clerk_.spec_of(number);
  const Watched& watched = checks_[id];
  if (spec == nullptr) return watched.means_since < now.steady ? " is gone" : "";
  if (counted < samples) return " has too few samples";
  if (clerk_.judged_since(number, std::max(began_ + settle, watched.means_since)) < counted)
    return " has samples that were not taken";
  if (spec->on_demand != 0) return " is not run";
  if (watched.bad_since && *watched.bad_since < now.steady) return " is not good";
  const std::optional<Seen>& last = clerk_.known_of(number).last;
  if (!last) return " has no result";
  if (last->failed && last->ended < now.steady) return " failed when it ran last";
  // Every second run at least is seen, and a run takes a while.
  const std::int64_t longest = std::max<std::int64_t>({spec->interval, 2 * spec->timeout, 2});
  if (now.steady - last->began > std::chrono::seconds{longest + spec->timeout})
    return " was not seen for a long time";
  return "";
}

void Deploys::ended(const Deployment& shown, Now now) {
  is_watched_ = false;
  const std::string name = "the deploy of " + shown.version;
  const bool has_just_stood = now.steady - went_on_ <= longest_unseen;
  const SteadyTime unseen_since =
      now.steady - longest_unseen - (has_just_stood ? stood_ : Duration::zero());
  switch (shown.status) {
    case DeploymentStatus::regressed:
      ++regressed;
      ++hooks_allowed_;
      // It may have passed again before the daemon considered the deploy.
      if (!has_failed(shown, earliest_ + settle, now) && !has_failed_since(shown, unseen_since))
        faults_.report(name + " regressed, and nothing got worse");
      break;
    case DeploymentStatus::verified:
      ++verified;
      if (now.steady < earliest_ + watch_) faults_.report(name + " is verified too early");
      if (shown.samples.empty()) faults_.report(name + " is verified, and nothing was watched");
      for (const auto& [id, counted] : shown.samples) {
        const std::string objection = objection_by(id, counted, now);
        if (!objection.empty()) faults_.report(name + " is verified, and " + id + objection);
      }
      // What fails at this very instant may have come after the end.
      if (has_failed(shown, std::nullopt, now) && !has_failed_since(shown, now.steady))
        faults_.report(name + " is verified, and a check fails");
      break;
    case DeploymentStatus::superseded: break;
    default:
      ++unproven;
      if (now.steady < earliest_ + 2 * watch_) faults_.report(name + " is given up too early");
      break;
  }
}

void Deploys::compare(const std::optional<Deployment>& shown, Now now) {
  if (is_watched_ && !shown) faults_.report("a deploy that was answered with success is gone");
  if (!shown) return;
  const bool is_watching = shown->status == DeploymentStatus::watching;
  if (is_watched_) follow(*shown, now);
  if (is_watched_ && !is_watching) ended(*shown, now);
  const bool is_unseen =
      is_watched_ && has_failed(*shown, std::max(latest_ + settle, resumed_), now);
  if (!is_unseen) unseen_since_.reset();
  if (is_unseen && !unseen_since_) unseen_since_ = now.steady;
  if (is_unseen && now.steady - *unseen_since_ > longest_unseen)
    faults_.report("the deploy of " + shown->version + " has regressed, and it is not seen");
  if (is_watched_ && now.steady > latest_ + 2 * watch_)
    faults_.report("the deploy of " + shown->version + " is watched for too long");
  if (hooks_ > hooks_allowed_) faults_.report("the hook ran, and nothing regressed");
  if (hooks_ < hooks_allowed_) faults_.report("a deploy regressed, and the hook did not run");
}

}  // namespace gonogo::simulation
