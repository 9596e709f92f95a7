#include "daemon/scheduling/held_findings.h"

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"

namespace gonogo {

HeldFindings::HeldFindings(Clock& clock, Runtimes& runtimes, Runner& runner, Deliver deliver,
                           IsBeyond is_beyond)
    : clock_(clock),
      runtimes_(runtimes),
      runner_(runner),
      deliver_(std::move(deliver)),
      is_beyond_(std::move(is_beyond)) {}

void HeldFindings::take(CheckRuntime& runtime, Observation seen) {
  if (&runtime == prober()) {
    const SteadyTime began = seen.at.steady;
    note(seen);
    deliver_(runtime, std::move(seen));
    settle_answered(began);
    return;
  }
  const auto earlier = std::find_if(held_.begin(), held_.end(), [&runtime](const Held& held) {
    return held.runtime.lock().get() == &runtime;
  });
  if (earlier != held_.end()) settle(earlier);
  if (was_held_up(seen)) {
    const Duration late = std::max(runner_.lateness().held_up().late, runner_.overdue());
    deliver_explained(runtime, std::move(seen), "this daemon ran " + to_words(late) + " late");
    return;
  }
  const bool may_be_ours = prober() != nullptr && seen.outcome == Outcome::fail;
  const auto sentinel =
      may_be_ours ? could_explain(rules_, *runtime.definition, seen, is_beyond_gateway(seen))
                  : std::nullopt;
  if (sentinel) {
    hold(runtime, std::move(seen), *sentinel);
  } else {
    deliver_(runtime, std::move(seen));
  }
}

void HeldFindings::note(const Observation& own) {
  for (std::size_t i = 0; i < failing_.size(); ++i) {
    if (is_failing(own, static_cast<Sentinel>(i))) failing_.at(i) = {clock_.now(), own.summary};
  }
}

// A run during which the loop was held up, or which began late because of that, says nothing of the
// target when it fails. What no other run can see again counts all the same.
bool HeldFindings::was_held_up(const Observation& seen) const {
  if (seen.outcome != Outcome::fail || seen.is_seen_once) return false;
  if (runner_.overdue() > rules_.max_lateness) return true;
  const Lateness::HeldUp& held_up = runner_.lateness().held_up();
  return held_up.late > rules_.max_lateness && held_up.at >= seen.at.steady;
}

// The check is run again soon: its target may be down as well.
void HeldFindings::deliver_explained(CheckRuntime& runtime, Observation seen,
                                     const std::string& why) {
  deliver_(runtime, explained(std::move(seen), why));
  const Check& check = *runtime.definition;
  if (!check.on_demand) runner_.run_by(runtime, clock_.now() + check.retry_interval);
}

bool HeldFindings::is_beyond_gateway(const Observation& seen) const {
  const auto& peers = seen.needed.peers;
  return !rules_.gateway.empty() && !peers.empty() &&
         std::all_of(peers.begin(), peers.end(),
                     [this](const std::string& peer) { return is_beyond_(peer, rules_.gateway); });
}

void HeldFindings::hold(CheckRuntime& runtime, Observation seen, Sentinel sentinel) {
  const SteadyTime now = clock_.now();
  const auto held = held_.insert(
      held_.end(), Held{runtime.weak_from_this(), std::move(seen), sentinel, now, Timer(), false});
  held->limit = clock_.call_at(now + longest_hold, [this, held] { settle_unless_asking(held); });
  runner_.run_now(*prober());
}

// The two seconds are over. The run of `prober` under way answers by its own deadline, unless a
// reload drops it.
void HeldFindings::settle_unless_asking(std::list<Held>::iterator held) {
  const CheckRuntime* own = prober();
  const bool is_asking = own != nullptr && own->run && !own->run->is_answered() &&
                         own->run->began() >= held->seen.at.steady;
  if (is_asking) {
    held->is_overdue = true;
    held->limit =
        clock_.call_at(clock_.now() + own->definition->timeout, [this, held] { settle(held); });
  } else {
    settle(held);
  }
}

// A run of `prober` has ended that began at this moment: it speaks of what failed before.
void HeldFindings::settle_answered(SteadyTime began) {
  for (auto held = held_.begin(); held != held_.end();) {
    const auto next = std::next(held);
    if (held->failed_at <= began || held->is_overdue) settle(held);
    held = next;
  }
}

void HeldFindings::settle(std::list<Held>::iterator held) {
  Held one = std::move(*held);
  held_.erase(held);
  const auto runtime = one.runtime.lock();
  if (!runtime) return;  // a reload dropped it
  const Failing& failing = failing_.at(static_cast<std::size_t>(one.sentinel));
  if (failing.at && *failing.at >= one.seen.at.steady) {
    deliver_explained(*runtime, std::move(one.seen), failing.words);
  } else {
    deliver_(*runtime, std::move(one.seen));
  }
}

}  // namespace gonogo
