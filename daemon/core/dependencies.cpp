#include "daemon/core/dependencies.h"

#include <algorithm>

#include "daemon/core/own_state.h"

namespace gonogo {
namespace {

void add(std::vector<Doubt>& doubts, const std::vector<Doubt>& more) {
  for (const Doubt& doubt : more) {
    const bool is_known = std::any_of(doubts.begin(), doubts.end(), [&](const Doubt& known) {
      return known.check == doubt.check;
    });
    if (!is_known) doubts.push_back(doubt);
  }
}

// Its debounce may need so long for all the failures that decide.
std::optional<Doubt> own_doubt(const CheckStatus& status, std::size_t index) {
  const auto& since = status.record.failing_since;
  if (!since || !is_sound(status.state)) return std::nullopt;
  const Check& check = *status.check;
  return Doubt{index, *since, *since + check.debounce.fall * check.retry_interval + check.timeout};
}

}  // namespace

const std::vector<Doubt>& Dependencies::doubts_of(std::size_t check) {
  if (const auto known = doubts_.find(check); known != doubts_.end()) return known->second;
  doubts_[check] = {};  // what a ring finds
  std::vector<Doubt> doubts;
  // What does not apply blocks nothing, whatever becomes of what it depends on.
  if (judged_.checks[check].state == CheckState::disabled) return doubts_[check];
  if (const auto own = own_doubt(judged_.checks[check], check)) doubts.push_back(*own);
  for (const std::size_t needed : definition(check).depends_on) add(doubts, doubts_of(needed));
  if (const auto& composite = definition(check).composite)
    add(doubts, doubts_of_members(*composite));
  return doubts_[check] = std::move(doubts);
}

std::vector<std::size_t> Dependencies::checks_of(const CompositeRule::Member& member) const {
  if (!member.is_gate) return {member.index};
  std::vector<std::size_t> checks;
  for (const std::size_t index : judged_.checklist->gates[member.index].checks) {
    if (definition(index).severity != Severity::advisory) checks.push_back(index);
  }
  return checks;
}

bool Dependencies::is_member_good(const CompositeRule& rule,
                                  const CompositeRule::Member& member) const {
  const auto checks = checks_of(member);
  const auto is_good = [this](std::size_t index) { return judged_.checks[index].good; };
  const auto is_evidence = [this](std::size_t index) {
    return judged_.checks[index].state != CheckState::disabled;
  };
  return std::all_of(checks.begin(), checks.end(), is_good) &&
         (rule.all || std::any_of(checks.begin(), checks.end(), is_evidence));
}

// Only if the composite would fail with all of those members that are in doubt.
std::vector<Doubt> Dependencies::doubts_of_members(const CompositeRule& rule) {
  std::vector<Doubt> doubts;
  int certain = 0;
  for (const CompositeRule::Member& member : rule.members) {
    if (!is_member_good(rule, member)) continue;
    std::vector<Doubt> of_member;
    for (const std::size_t index : checks_of(member)) {
      // What is waived counts as good, however it is.
      if (!judged_.checks[index].waiver) add(of_member, doubts_of(index));
    }
    if (of_member.empty()) ++certain;
    add(doubts, of_member);
  }
  if (certain >= rule.at_least) doubts.clear();
  return doubts;
}

namespace {

// A check is good after it was not.
struct Recovery {
  std::size_t check = 0;
  SteadyTime at{};
};

// The last one of those that it depends on.
std::optional<Recovery> last_recovery(const Check& check, const Snapshot& judged) {
  std::optional<Recovery> last;
  for (const std::size_t needed : check.depends_on) {
    const auto& recovered = judged.checks[needed].record.recovered;
    if (recovered && (!last || *recovered > last->at)) last = Recovery{needed, *recovered};
  }
  return last;
}

// After a recovery only a run that began since then says how the check is. Until one has passed it
// is blocked; one that failed counts when the check has had its time to settle.
std::optional<Awaited> await_settling(const CheckStatus& status, const Recovery& recovery,
                                      SteadyTime now) {
  const CheckRecord& record = status.record;
  const bool has_run = record.explains->at.steady >= recovery.at;
  const bool is_bad = record.debounce.readiness() == Readiness::bad;
  const bool has_passed =
      is_bad ? record.former && record.former->seen->at.steady >= recovery.at : has_run;
  if (has_passed) return std::nullopt;
  Awaited awaited{CheckState::blocked, recovery.check, true, recovery.at, std::nullopt};
  if (has_run) {
    awaited.until = recovery.at + status.check->settle.value_or(status.check->interval);
    if (now >= *awaited.until) return std::nullopt;
  }
  return awaited;
}

// A failure that came while a check above was about to fail may have the same cause. It is not
// judged before that has decided: the check stays what it was, if what showed that is still fresh.
std::optional<Awaited> await_decision(const CheckStatus& status, const std::vector<Doubt>& doubts,
                                      const std::optional<Recovery>& recovery, SteadyTime now) {
  const CheckRecord& record = status.record;
  // The next run cannot see such a failure again: it must not be lost.
  if (record.explains->is_seen_once) return std::nullopt;
  const Doubt* longest = nullptr;
  for (const Doubt& doubt : doubts) {
    // What failed before failed by itself. (And so no later doubt makes it good again.)
    const bool covers = now < doubt.until && (!record.former || doubt.since < record.former->until);
    if (covers && (longest == nullptr || doubt.until > longest->until)) longest = &doubt;
  }
  if (longest == nullptr) return std::nullopt;
  Awaited awaited{CheckState::blocked, longest->check, false, longest->since, longest->until};
  if (!record.former) return awaited;
  const SteadyTime passed = record.former->seen->at.steady;
  const SteadyTime stale = passed + status.check->stale_after + Duration{1};
  if (now >= stale || (recovery && passed < recovery->at)) return std::nullopt;
  awaited.until = std::min(longest->until, stale);
  awaited.state =
      record.former->seen->outcome == Outcome::warn ? CheckState::warn : CheckState::pass;
  return awaited;
}

}  // namespace

std::optional<Awaited> what_it_awaits(const CheckStatus& status, const Snapshot& judged,
                                      Dependencies& dependencies) {
  const Check& check = *status.check;
  const SteadyTime now = judged.at.steady;
  // A result that was asked for counts as it is. One that flaps is held for its own sake.
  const bool is_judged = status.state == CheckState::pass || status.state == CheckState::warn ||
                         status.state == CheckState::fail;
  if (check.on_demand || !is_judged || is_held(status.record, now)) return std::nullopt;
  const auto recovery = last_recovery(check, judged);
  if (recovery) {
    if (const auto awaited = await_settling(status, *recovery, now)) return awaited;
  }
  if (status.state != CheckState::fail) return std::nullopt;
  std::vector<Doubt> doubts;
  for (const std::size_t needed : check.depends_on) add(doubts, dependencies.doubts_of(needed));
  return doubts.empty() ? std::nullopt : await_decision(status, doubts, recovery, now);
}

void explain_awaited(CheckStatus& status, const Awaited& awaited, const std::string& cause,
                     Now now) {
  const auto wall = [&](SteadyTime time) {
    return now.wall + std::chrono::duration_cast<std::chrono::microseconds>(time - now.steady);
  };
  const bool failed = status.state == CheckState::fail;
  const std::string failure = status.record.explains->summary;
  status.state = awaited.state;
  status.reason = Reason::blocked_by;
  status.cause = awaited.cause;
  status.since = std::max(status.since, wall(awaited.since));
  if (awaited.recovered) {
    status.summary = "not judged: " + cause + " has recovered, and no run since then has passed";
    status.clears_when = "a run that begins after " + cause + " recovered passes";
  } else {
    status.summary = cause + " is about to fail: a failure counts from " +
                     to_rfc3339(wall(*awaited.until)) + " on, or when " + cause + " passes";
    status.clears_when = cause + " has decided, and the next run passes";
  }
  if (failed && !failure.empty()) status.summary += " (last run: " + failure + ")";
  if (!status.earliest && status.record.next_run)
    status.earliest = wall(std::max(*status.record.next_run, now.steady));
  status.awaits_run = awaited.state == CheckState::blocked;
  if (status.awaits_run) return;
  const FormerGood& former = *status.record.former;
  const bool warns = awaited.state == CheckState::warn;
  status.reason = warns ? former.seen->reason : Reason::none;
  status.since = former.since;
  status.cause.reset();
  status.held_for = awaited.cause;
  status.clears_when.clear();
  status.earliest.reset();
}

}  // namespace gonogo
