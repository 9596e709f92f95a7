#include "daemon/subscribers.h"

#include "daemon/core/own_state.h"
#include "daemon/decisions/decision_desk.h"
#include "daemon/decisions/deploy_watch.h"
#include "daemon/formats/redactor.h"
#include "daemon/scheduling/live_board.h"
#include "daemon/scheduling/runner.h"
#include "daemon/store/store.h"

namespace gonogo {
namespace {

// Nothing of a run is shown, saved or logged before this.
void redact(const SubscriberParts& parts, Arrival& arrival) {
  if (parts.redactor.is_empty()) return;
  Observation& seen = *arrival.seen;
  seen.summary = parts.redactor.clean(seen.summary);
  for (auto& [name, text] : seen.evidence) text = parts.redactor.clean(text);
  if (seen.release) seen.release = parts.redactor.clean(*seen.release);
}

void record(const SubscriberParts& parts, Arrival& arrival) {
  const CheckRecord& known = arrival.runtime.record;
  const Check& check = *arrival.runtime.definition;
  const SteadyTime now = parts.clock.now();
  const bool is_first = known.decisive == nullptr;
  const Readiness before = known.debounce.readiness();
  const OwnState state = own_state(check, known, now);
  parts.board.take(arrival.runtime, arrival.seen);
  arrival.forgets = !is_first && known.decisive == nullptr;
  const Readiness after = known.debounce.readiness();
  // Also where flapping holds it, or it applies again: no restart may show the former state.
  arrival.decides =
      is_first || after != before || own_state(check, known, now).state != state.state;
}

// Runs a check sooner while debounce has not settled, while it is not known how it is since a check
// that it depends on has recovered, and while a deploy is watched.
void retry(const SubscriberParts& parts, Arrival& arrival) {
  CheckRuntime& runtime = arrival.runtime;
  const Check& check = *runtime.definition;
  const SteadyTime now = parts.clock.now();
  const bool is_undecided =
      runtime.record.debounce.is_undecided() || parts.runner.has_no_result(runtime);
  if (is_undecided && !check.on_demand) parts.runner.run_by(runtime, now + check.retry_interval);
  if (const auto interval = parts.watch.tightened(check))
    parts.runner.run_by(runtime, now + *interval);
  runtime.record.next_run = runtime.due;
}

void store(const SubscriberParts& parts, Arrival& arrival) {
  CheckRuntime& runtime = arrival.runtime;
  const Check& check = *runtime.definition;
  if (arrival.forgets) parts.store.forget_check(check.id);
  parts.store.save_check(check.id, check.fingerprint, runtime.record, arrival.decides);
  const auto note = runtime.memory->take_unsaved_note();
  const std::string name = check.probe ? check.probe->note_name() : std::string();
  if (note && !name.empty()) parts.store.save_note(name, *note, parts.clock.wall());
}

void release(const SubscriberParts& parts, Arrival& arrival) {
  const Observation& seen = *arrival.seen;
  if (seen.outcome == Outcome::pass && seen.release) parts.desk.release_seen(*seen.release);
}

void watch(const SubscriberParts& parts, Arrival& arrival) {
  parts.watch.take(*arrival.runtime.definition, *arrival.seen);
}

}  // namespace

std::vector<Subscriber> make_subscribers(SubscriberParts parts) {
  const auto with = [parts](void (*take)(const SubscriberParts&, Arrival&)) {
    return [parts, take](Arrival& arrival) { take(parts, arrival); };
  };
  return {
      {"redact", with(redact)},    //
      {"record", with(record)},    //
      {"retry", with(retry)},      //
      {"store", with(store)},      //
      {"release", with(release)},  //
      {"watch", with(watch)},
  };
}

}  // namespace gonogo
