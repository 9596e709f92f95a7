#include "daemon/core/own_state.h"

#include <algorithm>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

// Why the last run could not judge; empty when it could.
std::string why_unknown(const CheckRecord& record) {
  const bool is_unknown = record.last && record.last->outcome == Outcome::unknown;
  return is_unknown ? record.last->summary : "";
}

void explain_stale(CheckStatus& status, Now now) {
  const Check& check = *status.check;
  const Observation& decisive = *status.record.decisive;
  const Duration age = now.steady - decisive.at.steady;
  status.summary = "last result is " + to_words(age) + " old";
  status.summary += age > check.stale_after ? ", wanted at most " + to_words(check.stale_after)
                                            : " and was too old before the rule or a clock changed";
  if (const std::string unknown = why_unknown(status.record); !unknown.empty())
    status.summary += "; last run: " + unknown;
  status.since =
      decisive.at.wall + std::chrono::duration_cast<std::chrono::microseconds>(check.stale_after);
}

void explain_flapping(CheckStatus& status) {
  const FlappingRule& rule = *status.check->flapping;
  const std::size_t changes = status.record.changes.size();
  const bool is_more = changes > static_cast<std::size_t>(rule.changes);
  status.summary = "its runs changed between passing and failing " +
                   std::string(is_more ? "at least " : "") + counted(changes, "time") + " within " +
                   to_words(rule.window) + ", wanted at most " + std::to_string(rule.changes);
}

// Its last run may have passed.
void explain_window(CheckStatus& status) {
  status.summary += " (" + std::to_string(status.record.debounce.failures_in_window()) +
                    " of the last " + std::to_string(status.check->debounce.window()) +
                    " runs failed)";
}

void explain_pending(CheckStatus& status) {
  const CheckRecord& record = status.record;
  if (record.decisive) {
    status.summary = "passed " + std::to_string(record.debounce.state().passes_in_a_row) + " of " +
                     std::to_string(status.check->debounce.rise) + " times wanted in a row";
    return;
  }
  status.summary = why_unknown(record);
  if (status.summary.empty()) status.summary = "not run yet";
}

// `runs`: how many have to pass, one after the other.
void foresee_clearing(CheckStatus& status, int runs, Now now) {
  const Check& check = *status.check;
  const CheckRecord& record = status.record;
  if (check.on_demand) {
    status.clears_when = "it is run and passes (it runs only when asked)";
    status.earliest = now.wall;
    return;
  }
  status.clears_when =
      runs > 1 ? std::to_string(runs) + " runs in a row pass" : "its next run passes";
  if (!record.next_run) return;
  SteadyTime earliest = std::max(*record.next_run, now.steady) + (runs - 1) * check.retry_interval;
  if (is_held(record, now.steady)) {
    status.clears_when = "it stays calm for " + to_words(check.flapping->window);
    earliest = std::max(earliest, *record.held_until);
  }
  status.earliest = now.wall + std::chrono::ceil<std::chrono::microseconds>(earliest - now.steady);
}

}  // namespace

bool is_held(const CheckRecord& record, SteadyTime now) {
  return record.held_until && now < *record.held_until;
}

OwnState own_state(const Check& check, const CheckRecord& record, SteadyTime now) {
  const bool could_not_run = record.last && record.last->outcome == Outcome::unknown;
  if (!record.decisive) {
    return {CheckState::pending, could_not_run ? record.last->reason : Reason::never_run};
  }
  if (is_too_old(record, check, now)) {
    return {CheckState::stale, could_not_run ? record.last->reason : Reason::stale};
  }
  if (record.decisive->outcome == Outcome::skipped) return {CheckState::disabled, Reason::none};
  if (is_held(record, now)) return {CheckState::fail, Reason::flapping};
  switch (record.debounce.readiness()) {
    case Readiness::undecided: return {CheckState::pending, Reason::never_run};
    case Readiness::bad: return {CheckState::fail, record.explains->reason};
    case Readiness::good: break;
  }
  const bool warns = record.explains->outcome == Outcome::warn;
  return {warns ? CheckState::warn : CheckState::pass,
          warns ? record.explains->reason : Reason::none};
}

void explain_own_state(CheckStatus& status, Now now) {
  if (status.state == CheckState::pass) return;
  if (status.record.explains) status.summary = status.record.explains->summary;
  if (status.state == CheckState::warn || status.state == CheckState::disabled) return;
  int runs = status.record.debounce.passes_wanted();
  if (status.state == CheckState::stale) {
    explain_stale(status, now);
    runs = std::max(runs, 1);
  } else if (status.reason == Reason::flapping) {
    explain_flapping(status);
  } else if (status.state == CheckState::pending) {
    explain_pending(status);
  } else if (status.record.debounce.state().by_window) {
    explain_window(status);
  }
  foresee_clearing(status, runs, now);
}

}  // namespace gonogo
