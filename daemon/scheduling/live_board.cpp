#include "daemon/scheduling/live_board.h"

#include <algorithm>
#include <utility>

#include "daemon/core/own_state.h"

namespace gonogo {
namespace {

using namespace std::chrono_literals;

// A new value that changes no state is shown within this time.
constexpr Duration refresh_interval = 1s;
// The least time between two judgements when thousands of states change at once. verdict() does
// not wait for it.
constexpr Duration least_between = 20ms;
// A wall clock that moved by more than this against the boot clock was set, not slewed.
constexpr Duration clock_step = 100ms;

bool has_same_gates(const Snapshot& one, const Snapshot& other) {
  if (one.gates.size() != other.gates.size()) return false;
  for (std::size_t i = 0; i < one.gates.size(); ++i) {
    const bool is_same = one.checklist->gates[i].id == other.checklist->gates[i].id &&
                         is_go(one, i) == is_go(other, i);
    if (!is_same) return false;
  }
  return true;
}

}  // namespace

LiveBoard::LiveBoard(Clock& clock, Runtimes& runtimes, VerdictListener listener,
                     StateListener on_changes)
    : clock_(clock),
      runtimes_(runtimes),
      listener_(std::move(listener)),
      on_changes_(std::move(on_changes)) {}

void LiveBoard::apply(const std::function<void(Board&)>& restore) {
  if (restore) restore(board_);
  judge_now();
}

void LiveBoard::take(CheckRuntime& runtime, std::shared_ptr<const Observation> seen) {
  const Check& check = *runtime.definition;
  const SteadyTime now = clock_.now();
  const OwnState before = own_state(check, runtime.record, now);
  // That it was bad may never have been judged: what depends on it has to know.
  if (!is_sound(before.state) && shows_as_sound(runtime)) judge_now();
  const auto failing_since = runtime.record.failing_since;
  gonogo::take(runtime.record, check, std::move(seen));
  const OwnState after = own_state(check, runtime.record, now);
  dirty_ = true;
  const bool changed = before.state != after.state || before.reason != after.reason;
  // What depends on it is judged otherwise when it begins or ceases to be about to fail.
  const bool changes_others = failing_since != runtime.record.failing_since;
  if (changed || changes_others || is_awaiting(runtime)) changed_ = true;
  judge_by(changed_ ? std::max(now, snapshot_->at.steady + least_between) : now + refresh_interval);
}

bool LiveBoard::shows_as_sound(const CheckRuntime& runtime) const {
  return snapshot_->checklist == runtimes_.checklist() &&
         is_sound(snapshot_->checks[runtime.position].state);
}

// Any result may end that, also one that leaves its own state as it was.
bool LiveBoard::is_awaiting(const CheckRuntime& runtime) const {
  if (snapshot_->checklist != runtimes_.checklist()) return false;
  const CheckStatus& status = snapshot_->checks[runtime.position];
  return status.awaits_run || status.held_for.has_value();
}

void LiveBoard::change(const std::function<void(Board&)>& by) {
  const std::string release = board_.release;
  by(board_);
  if (on_release_ && board_.release != release) on_release_();
  judge_now();
}

void LiveBoard::set_deployment(Deployment deployment) {
  board_.deployment = std::move(deployment);
  dirty_ = true;
}

Snapshot LiveBoard::if_release_were(const std::string& release) const {
  Board board = board_;
  board.release = release;
  return judge(runtimes_.checklist(), runtimes_.records(), board, clock_.both());
}

// Only within one checklist: what a reload brings is new, not changed.
void LiveBoard::report_changes(const Snapshot& before) const {
  if (!on_changes_ || before.checklist != snapshot_->checklist) return;
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < before.checks.size(); ++i) {
    if (before.checks[i].state != snapshot_->checks[i].state) changed.push_back(i);
  }
  if (!changed.empty()) on_changes_(before, *snapshot_, changed);
}

void LiveBoard::report_awaiting(const Snapshot* before) const {
  if (!on_awaiting_) return;
  const bool is_same_list = before != nullptr && before->checklist == snapshot_->checklist;
  std::vector<std::size_t> awaiting;
  for (std::size_t i = 0; i < snapshot_->checks.size(); ++i) {
    const bool awaited_before = is_same_list && before->checks[i].awaits_run;
    if (snapshot_->checks[i].awaits_run && !awaited_before) awaiting.push_back(i);
  }
  if (!awaiting.empty()) on_awaiting_(awaiting);
}

bool LiveBoard::is_lapsed() const {
  const Now now = clock_.both();
  if (now.steady >= snapshot_->valid_until) return true;
  const Duration drift = (now.wall - snapshot_->at.wall) - (now.steady - snapshot_->at.steady);
  return drift > clock_step || drift < -clock_step;
}

std::shared_ptr<const Snapshot> LiveBoard::verdict() {
  if (changed_ || is_lapsed()) judge_now();
  return snapshot_;
}

std::shared_ptr<const Snapshot> LiveBoard::latest() {
  if (dirty_) judge_now();
  return verdict();
}

void LiveBoard::judge_by(SteadyTime when) {
  if (next_judgement_at_ && *next_judgement_at_ <= when) return;
  next_judgement_at_ = when;
  next_judgement_ = clock_.call_at(when, [this] {
    next_judgement_at_.reset();
    // No timer fires when the wall clock is set, so this asks every second.
    if (changed_ || dirty_ || is_lapsed()) {
      judge_now();
    } else {
      judge_by(std::min(snapshot_->valid_until, clock_.now() + refresh_interval));
    }
  });
}

bool LiveBoard::end_what_is_over() {
  const WallTime wall = clock_.wall();
  bool has_ended = false;
  if (snapshot_ && snapshot_->checklist != runtimes_.checklist()) {
    // By the rules that were in force until now: what has ended by them stays ended.
    has_ended = end_what_lapsed(board_, *snapshot_->checklist, wall);
  }
  return end_what_lapsed(board_, checklist(), wall) || has_ended;
}

// What the next judgement has to know of this one. Returns the checks that have become good or bad.
std::vector<std::size_t> LiveBoard::keep_recoveries() {
  std::vector<std::size_t> changed;
  for (std::size_t i = 0; i < snapshot_->checks.size(); ++i) {
    const CheckRecord& judged = snapshot_->checks[i].record;
    CheckRecord& record = runtimes_[i].record;
    if (record.was_sound == judged.was_sound) continue;
    keep_recovery(record, judged);
    changed.push_back(i);
  }
  return changed;
}

void LiveBoard::judge_now() {
  changed_ = false;
  dirty_ = false;
  next_judgement_at_.reset();
  const bool has_ended = end_what_is_over();
  auto next = std::make_shared<Snapshot>(
      judge(runtimes_.checklist(), runtimes_.records(), board_, clock_.both()));
  const std::shared_ptr<const Snapshot> before = snapshot_;
  keep_since(*next, before ? verdicts_of(*before) : former_);
  snapshot_ = next;
  const std::vector<std::size_t> changed = keep_recoveries();
  judge_by(std::min(snapshot_->valid_until, snapshot_->at.steady + refresh_interval));
  if (before) report_changes(*before);
  if (on_turns_ && !changed.empty()) on_turns_(changed);
  report_awaiting(before.get());
  if (on_gates_ && (!before || !has_same_gates(*before, *snapshot_))) on_gates_(*snapshot_);
  if (!before || before->go != snapshot_->go) listener_(before.get(), *snapshot_);
  if (has_ended && on_endings_) on_endings_();
}

}  // namespace gonogo
