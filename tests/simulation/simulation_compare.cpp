// The invariants: what the daemon says is held against the clerk.
#include <algorithm>
#include <utility>

#include "tests/simulation/simulation.h"

namespace gonogo::simulation {
namespace {

using namespace std::chrono_literals;

// Of thousands of changes within this time the daemon makes one judgement.
constexpr Duration least_between = 20ms;
// No timer is called when the wall clock is set: the daemon asks itself so often.
constexpr Duration wall_asked_every = 1s;

std::string words(bool go) { return go ? "GO" : "NO-GO"; }

State state_of(CheckState state) {
  switch (state) {
    case CheckState::pass:
    case CheckState::warn: return State::sound;
    case CheckState::fail: return State::fail;
    case CheckState::pending: return State::pending;
    case CheckState::stale: return State::stale;
    case CheckState::blocked: return State::blocked;
    default: return State::disabled;
  }
}

constexpr std::array<const char*, 6> state_words{"pass",  "fail",    "pending",
                                                 "stale", "blocked", "disabled"};

const char* words(State state) { return state_words.at(static_cast<std::size_t>(state)); }

}  // namespace

void Simulation::compare(const Event& event) {
  const Now now = life_->clock.both();
  compare_runs(now);
  clerk_.expect_punctual(now);
  compare_verdict();
  deploys_.compare(life_->kernel.board().deployment(), now);
  expect_evidence(event);
}

void Simulation::compare_runs(Now now) {
  clerk_.timers_called(now);
  const Runtimes& runtimes = life_->kernel.runtimes();
  std::size_t position = 0;
  for (const auto& [number, spec] : in_force_.checks)
    clerk_.compare_counts(number, runtimes[position++].record.runs, now);
}

void Simulation::compare_verdict() {
  const Now now = life_->clock.both();
  const auto snapshot = life_->kernel.board().verdict();
  const Bounds ruled = clerk_.rule(now, true);
  compare_states(*snapshot, ruled);
  if (snapshot->go != ruled.least.go && snapshot->go != ruled.most.go)
    faults_.report("the verdict is " + words(snapshot->go) + ", and should be " +
                   words(ruled.most.go));
  if (!life_->heard || life_->heard->go != snapshot->go)
    faults_.report("the verdict is " + words(snapshot->go) + ", and listeners heard another");
  if (life_->heard && life_->heard->since != snapshot->since)
    faults_.report("the verdict has changed its `since`, and not itself");
  was_set_ = false;
  differs_since_.reset();
  count(*snapshot);
}

void Simulation::count(const Snapshot& snapshot) {
  ++(snapshot.go ? figures_.gos : figures_.no_gos);
  if (snapshot.go && !std::exchange(was_go_, snapshot.go)) ++figures_.reached;
  was_go_ = snapshot.go;
  figures_.frozen += snapshot.frozen ? 1 : 0;
  for (const CheckStatus& status : snapshot.checks) {
    const bool is_bad = state_of(status.state) != State::sound;
    figures_.waived += is_bad && status.waiver ? 1 : 0;
    figures_.held += status.reason == Reason::flapping ? 1 : 0;
    if (status.check->composite) ++(is_bad ? figures_.composites_bad : figures_.composites_good);
  }
}

void Simulation::compare_states(const Snapshot& snapshot, const Bounds& ruled) {
  std::size_t position = 0;
  for (const auto& [number, most] : ruled.most.checks) {
    const CheckStatus& shown = snapshot.checks.at(position++);
    const Status& least = ruled.least.checks.at(number);
    State state = state_of(shown.state);
    // Whether somebody's sign-off is missing or has ended makes no difference here.
    const bool is_unsigned = in_force_.checks.at(number).people > 0 && state == State::stale &&
                             (most.state == State::pending || least.state == State::pending);
    if (is_unsigned) state = State::pending;
    const bool is_open = least.state != most.state;
    // What is open of its members or of what it depends on makes it one or the other.
    const bool is_composite = in_force_.checks.at(number).at_least != 0;
    const bool is_between = state == State::blocked || (is_composite && state == State::fail);
    const bool is_right = state == most.state || state == least.state || (is_open && is_between);
    const bool good = state == most.state ? most.good : least.good;
    if (!is_right || shown.good != good)
      faults_.report(id_of(number) + " is " + words(state) + (shown.good ? "" : ", not good") +
                     ", and should be " + words(most.state) + (most.good ? "" : ", not good"));
  }
  for (std::size_t gate = 0; gate < gate_count; ++gate) {
    const bool go = snapshot.gates.at(gate).go;
    if (go != ruled.most.gates.at(gate) && go != ruled.least.gates.at(gate))
      faults_.report("gate " + std::to_string(gate) + " is " + words(go));
  }
  if (snapshot.frozen.has_value() != ruled.most.is_frozen)
    faults_.report(std::string("the calendar is ") + (ruled.most.is_frozen ? "closed" : "open"));
}

// What ends of itself is heard of in time, though nobody asks.
void Simulation::compare_heard(const Bounds& ruled, Now now) {
  const bool go = ruled.most.go;
  const bool is_open = go != ruled.least.go;
  const bool differs = !life_->heard || (life_->heard->go != go && !is_open);
  if (!differs) {
    differs_since_.reset();
    return;
  }
  if (!differs_since_) differs_since_ = now.steady;
  const Duration longest = was_set_ ? wall_asked_every : least_between;
  if (now.steady - *differs_since_ > longest)
    faults_.report("the verdict has been " + words(go) + " for some time, and nobody heard of it");
}

namespace {

// A check that is good or not by its own runs alone. One that flapped is held until it is calm.
bool decides_alone(const CheckSpec& spec) {
  return spec.probed != 0 && spec.people == 0 && spec.parent < 0 && spec.second_parent < 0 &&
         spec.flaps == 0;
}

}  // namespace

// Whatever happens: a check that has to pass is not good again before it has passed, also when a
// reload changes its rules, but not what it asks.
void Simulation::expect_evidence(const Event& event) {
  const auto snapshot = life_->kernel.board().verdict();
  std::map<std::int64_t, Sound> now;
  std::size_t position = 0;
  for (const auto& [number, spec] : in_force_.checks) {
    const CheckState state = snapshot->checks.at(position++).state;
    Sound& sound = now[number];
    sound.is_sound = state == CheckState::pass || state == CheckState::warn;
    sound.spec = spec;
    const bool has_evidence = clerk_.take_evidence(number);
    const auto before = sound_.find(number);
    if (!decides_alone(spec) || has_evidence || before == sound_.end()) continue;
    const Sound& former = before->second;
    const bool is_the_same =
        decides_alone(former.spec) && fingerprint_of(former.spec) == fingerprint_of(spec);
    if (sound.is_sound && !former.is_sound && is_the_same)
      faults_.report(id_of(number) + " is good after \"" + to_text(event) +
                     "\", and nothing passed");
  }
  sound_ = std::move(now);
}

}  // namespace gonogo::simulation
