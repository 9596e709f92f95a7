#include "daemon/core/board.h"

#include <algorithm>
#include <utility>

namespace gonogo {
namespace {

void count_change(CheckRecord& record, const FlappingRule& rule, SteadyTime now) {
  record.changes.push_back(now);
  std::erase_if(record.changes, [&](SteadyTime change) { return change <= now - rule.window; });
  const auto allowed = static_cast<std::size_t>(rule.changes);
  const bool is_flapping = record.changes.size() > allowed;
  // One more than is allowed says it all.
  if (record.changes.size() > allowed + 1) record.changes.erase(record.changes.begin());
  const bool is_held = record.held_until && now < *record.held_until;
  // While it is held, each further change starts the quiet time again.
  if (is_flapping || is_held) record.held_until = now + rule.window;
}

// Whether one run failed and the other did not, whatever debounce makes of it.
bool is_another_outcome(const CheckRecord& record, Outcome outcome) {
  if (!record.decisive || record.decisive->outcome == Outcome::skipped) return false;
  return (record.decisive->outcome == Outcome::fail) != (outcome == Outcome::fail);
}

// What those that depend on this check have to know of its change from `before`. `known`: when this
// daemon learned of the run.
void note_change(CheckRecord& record, Readiness before, FormerGood former, Outcome outcome,
                 SteadyTime known) {
  const Readiness after = record.debounce.readiness();
  if (outcome != Outcome::fail || after == Readiness::bad) record.failing_since.reset();
  if (after == Readiness::good) {
    record.former.reset();
    if (outcome == Outcome::fail && !record.failing_since) record.failing_since = known;
  } else if (after == Readiness::bad && before == Readiness::good) {
    record.former = std::move(former);
  }
}

// What is left when what was restored may be wrong.
void forget_results(CheckRecord& record, const Check& check, WallTime since) {
  record.debounce = Debounce(check.debounce);
  record.decisive.reset();
  record.explains.reset();
  record.failing_since.reset();
  record.former.reset();
  record.since = since;
}

}  // namespace

CheckRecord empty_record(const Check& check, Now now) {
  CheckRecord record;
  record.debounce = Debounce(check.debounce);
  record.since = now.wall;
  return record;
}

std::vector<CheckRecord> empty_records(const Checklist& checklist, Now now) {
  std::vector<CheckRecord> records;
  records.reserve(checklist.checks.size());
  for (const Check& check : checklist.checks) records.push_back(empty_record(check, now));
  return records;
}

SignoffEnds signoff_ends_of(const Checklist& checklist) {
  SignoffEnds ends;
  for (const Check& check : checklist.checks) {
    if (check.signoff) ends[check.id] = check.signoff->end();
  }
  return ends;
}

bool end_what_lapsed(Board& board, const SignoffEnds& ends, WallTime now) {
  bool has_ended = false;
  for (Waiver& waiver : board.waivers) {
    const bool is_for_another = waiver.release && *waiver.release != board.release;
    if (waiver.is_over || (now < waiver.until && !is_for_another)) continue;
    waiver.is_over = true;
    has_ended = true;
  }
  for (Signoff& signoff : board.signoffs) {
    if (signoff.ended) continue;
    const auto rule = ends.find(signoff.check);
    const SignoffEnd by = rule == ends.end() ? SignoffEnd{} : rule->second;
    const auto end = end_of(signoff, by);
    if (end && now >= *end) {
      signoff.ended = end;
    } else if (is_for_another(signoff, by, board.release)) {
      signoff.ended = now;
    }
    has_ended = has_ended || signoff.ended;
  }
  return has_ended;
}

bool end_what_lapsed(Board& board, const Checklist& checklist, WallTime now) {
  // Most boards have none, and this is asked with every judgement.
  return end_what_lapsed(board, board.signoffs.empty() ? SignoffEnds{} : signoff_ends_of(checklist),
                         now);
}

void take(CheckRecord& record, const Check& check, std::shared_ptr<const Observation> seen) {
  const Readiness before = record.debounce.readiness();
  const Outcome outcome = seen->outcome;
  const SteadyTime known = seen->at.steady + seen->took;
  const bool is_unconfirmed = std::exchange(record.is_unconfirmed, false);
  if (is_unconfirmed && outcome == Outcome::unknown) forget_results(record, check, seen->at.wall);
  // What fails when its last result is too old, or may be wrong, has not passed lately: it decides
  // at once.
  const bool decides_at_once =
      seen->is_seen_once || is_unconfirmed || is_too_old(record, check, known);
  record.debounce.feed(outcome, decides_at_once);
  ++record.runs.at(static_cast<std::size_t>(outcome));
  record.last = seen;
  record.is_restored = false;
  if (outcome == Outcome::unknown) return;
  record.is_over = false;
  if (outcome == Outcome::skipped) {
    const bool is_new = !record.explains || record.explains->outcome != Outcome::skipped;
    if (is_new) record.since = seen->at.wall;
    record.failing_since.reset();
    record.former.reset();
    record.explains = seen;
    record.decisive = std::move(seen);
    return;
  }

  if (check.flapping && is_another_outcome(record, outcome))
    count_change(record, *check.flapping, known);
  note_change(record, before, {record.explains, record.since, known}, outcome, known);
  const Readiness after = record.debounce.readiness();
  const bool agrees = after == (outcome == Outcome::fail ? Readiness::bad : Readiness::good);
  const bool changed_within_good = after == Readiness::good && before == Readiness::good &&
                                   record.explains && agrees && record.explains->outcome != outcome;
  if (after != before || changed_within_good) record.since = seen->at.wall;
  if (agrees || !record.explains) record.explains = seen;
  record.decisive = std::move(seen);
}

void follow_rules(CheckRecord& record, const Check& check) {
  const Readiness before = record.debounce.readiness();
  record.debounce.follow(check.debounce);
  if (record.debounce.readiness() != before && record.decisive) {
    const Observation& failed = *record.decisive;
    record.former = FormerGood{record.explains, record.since, failed.at.steady + failed.took};
    record.failing_since.reset();
    record.since = failed.at.wall;
    record.explains = record.decisive;
  }
  if (!check.flapping) {
    record.changes.clear();
    record.held_until.reset();
  } else if (record.held_until && !record.changes.empty()) {
    record.held_until =
        std::min(*record.held_until, record.changes.back() + check.flapping->window);
  }
}

bool is_too_old(const CheckRecord& record, const Check& check, SteadyTime now) {
  return record.decisive &&
         (record.is_over || now - record.decisive->at.steady > check.stale_after);
}

bool end_if_too_old(CheckRecord& record, const Check& check, SteadyTime now) {
  record.is_over = is_too_old(record, check, now);
  return record.is_over;
}

bool adopt(CheckRecord& record, const Check& check, const CheckRecord& old,
           const std::string& old_fingerprint) {
  if (old_fingerprint != check.fingerprint) return false;
  record = old;
  follow_rules(record, check);
  return true;
}

}  // namespace gonogo
