// How the clerk rules: section 3 of the contract, once more.
#include <algorithm>

#include "tests/simulation/clerk.h"

namespace gonogo::simulation {
namespace {

Duration seconds(std::int64_t count) { return std::chrono::seconds{count}; }

WallTime after(WallTime time, Duration span) {
  return time + std::chrono::duration_cast<std::chrono::microseconds>(span);
}

bool is_sound(State state) { return state == State::sound || state == State::disabled; }

}  // namespace

void Clerk::signed_off(const CheckSpec& spec, std::int64_t check, std::int64_t who,
                       const std::string& release, WallTime asked) {
  std::erase_if(signatures_,
                [&](const Signature& old) { return old.check == check && old.who == who; });
  Signature given{check, who, release, asked, spec.per_release != 0, std::nullopt, false};
  if (spec.valid_for > 0) given.until = after(asked, seconds(spec.valid_for));
  signatures_.push_back(given);
}

// What was for the former one is over, whichever is announced later.
void Clerk::announced(const std::string& release, WallTime now) {
  release_ = release;
  end_what_is_over(now);
}

void Clerk::withdrew(std::int64_t check, std::int64_t who) {
  const auto last =
      std::find_if(signatures_.rbegin(), signatures_.rend(),
                   [&](const Signature& one) { return one.check == check && one.who == who; });
  if (last == signatures_.rend()) {
    faults_.report("a sign-off was withdrawn that nobody gave");
    return;
  }
  signatures_.erase(std::next(last).base());
}

void Clerk::waived(std::int64_t check, const std::string& release, bool bound, WallTime asked,
                   Duration lasts) {
  Waived waived{check, std::nullopt, asked, after(asked, lasts), false};
  if (bound) waived.release = release;
  waivers_.push_back(waived);
}

void Clerk::unwaived(std::int64_t check) {
  std::erase_if(waivers_, [&](const Waived& one) { return one.check == check && !one.is_over; });
}

// What was given for a release, or is asked for each, counts for no other.
bool Clerk::is_for_another(const Signature& one, const CheckSpec* spec) const {
  const bool is_asked = spec != nullptr && spec->people > 0 && spec->per_release != 0;
  return (is_asked || one.is_for_release) && (release_.empty() || one.release != release_);
}

void Clerk::end_what_is_over(WallTime now) {
  for (Waived& one : waivers_)
    one.is_over = one.is_over || now >= one.until || (one.release && *one.release != release_);
  for (Signature& one : signatures_) {
    const CheckSpec* spec = spec_of(one.check);
    const bool has_rule = spec != nullptr && spec->people > 0 && spec->valid_for > 0;
    one.is_over = one.is_over || is_for_another(one, spec) || (one.until && now >= *one.until) ||
                  (has_rule && now >= after(one.at, seconds(spec->valid_for)));
  }
}

Bounds Clerk::rule(Now now, bool is_judged) {
  end_what_is_over(now.wall);
  const Bounds bounds{rule_all(now, {false, {}}), rule_all(now, {true, {}})};
  keep(bounds, is_judged);
  return bounds;
}

Ruled Clerk::rule_for(const std::string& release, Now now) {
  const std::string before = std::exchange(release_, release);
  const Ruled ruled = rule_all(now, {true, {}});
  release_ = before;
  return ruled;
}

Ruled Clerk::rule_all(Now now, const Reading& reading) const {
  Ruled ruled;
  for (const auto& [number, spec] : plan_.checks) {
    const Book& book = books_.at(number);
    Status& status = ruled.checks[number];
    if (spec.probed != 0) status.own = own_state(book, now.steady);
    if (reading.failed.count(number) > 0) status.own = State::fail;
    status.state = status.own;
    if (status.own != State::disabled) {
      if (spec.probed != 0) {
        if (const auto state = awaited(number, ruled, now, reading)) status.state = *state;
      }
      if (spec.at_least != 0 && !are_members_good(spec, ruled)) status.state = State::fail;
      if (is_sound(status.state) && spec.people > 0 && !is_signed(number, spec, now.wall))
        status.state = State::pending;
      for (const std::int64_t parent : {spec.parent, spec.second_parent}) {
        if (parent >= 0 && !is_sound(ruled.checks.at(parent).state)) status.state = State::blocked;
      }
    }
    status.good = is_sound(status.state) || is_waived(number, spec, now.wall);
    status.recovered = recovery(book, status.state, now, reading);
  }
  ruled.go = true;
  for (std::size_t gate = 0; gate < gate_count; ++gate) {
    ruled.gates.at(gate) = is_gate_good(static_cast<std::int64_t>(gate), ruled);
    ruled.go = ruled.go && ruled.gates.at(gate);
  }
  ruled.is_frozen = std::any_of(
      plan_.freezes.begin(), plan_.freezes.end(),
      [&](const Freeze& freeze) { return freeze.from <= now.wall && now.wall < freeze.until; });
  ruled.go = ruled.go && !ruled.is_frozen;
  return ruled;
}

State Clerk::own_state(const Book& book, SteadyTime now) {
  const Known& known = book.known;
  if (!known.last) return State::pending;
  if (known.is_stale(book.spec, now)) return State::stale;
  if (known.skipped) return State::disabled;
  if (known.held_until && now < *known.held_until) return State::fail;
  if (known.ruling == Known::Ruling::none) return State::pending;
  return known.ruling == Known::Ruling::good ? State::sound : State::fail;
}

std::set<std::int64_t> Clerk::ancestors_of(std::int64_t check, const Ruled& ruled) const {
  std::set<std::int64_t> all;
  const CheckSpec& spec = plan_.checks.at(check);
  for (const std::int64_t parent : {spec.parent, spec.second_parent}) {
    if (parent < 0 || ruled.checks.at(parent).state == State::disabled) continue;
    all.insert(parent);
    all.merge(ancestors_of(parent, ruled));
  }
  return all;
}

// After a recovery only a run begun since then says how the check is. Until one has passed, a
// failure counts only when the check has had its time to settle.
bool Clerk::is_waiting_for_recovery(const Book& book, SteadyTime recovered, SteadyTime now) const {
  const Known& known = book.known;
  const bool has_run = known.evidence->began >= recovered;
  if (known.ruling != Known::Ruling::bad) return !has_run;
  const bool has_passed = known.former && known.former->evidence.began >= recovered;
  if (has_passed || !has_run) return !has_passed;
  const std::int64_t settle = book.spec.settle > 0 ? book.spec.settle : book.spec.interval;
  return now < recovered + seconds(settle);
}

bool Clerk::is_in_doubt(const Book& book, State state) {
  return book.spec.probed != 0 && book.known.failing_since && is_sound(state);
}

SteadyTime Clerk::end_of_doubt(const Book& book) {
  return *book.known.failing_since +
         seconds(book.spec.failures * book.spec.retry + book.spec.timeout);
}

// Until when a failure of the check may have the same cause as those of one above it that is about
// to fail. What failed before that failed by itself.
std::optional<SteadyTime> Clerk::doubted_until(std::int64_t check, const Ruled& ruled, Now now,
                                               const Reading& reading) const {
  const auto& former = books_.at(check).known.former;
  std::optional<SteadyTime> last;
  for (const std::int64_t above : ancestors_of(check, ruled)) {
    const Book& other = books_.at(above);
    std::vector<std::int64_t> doubtful;
    if (is_in_doubt(other, ruled.checks.at(above).state)) doubtful.push_back(above);
    if (other.spec.at_least != 0 && reading.failed.empty())
      doubtful = doubtful_members(above, ruled, now);
    std::size_t covering = 0;
    std::optional<SteadyTime> until;
    for (const std::int64_t one : doubtful) {
      const Book& book = books_.at(one);
      const SteadyTime end = end_of_doubt(book);
      if (now.steady >= end || (former && *book.known.failing_since >= former->until)) continue;
      ++covering;
      until = std::max(until.value_or(end), end);
    }
    // Of a composite not all may be needed to bring it down.
    const bool counts = reading.is_kind || covering == doubtful.size();
    if (until && counts) last = std::max(last.value_or(*until), *until);
  }
  return last;
}

// What a check is while one above it is about to fail or has just recovered; nothing where it is
// what its own results say.
std::optional<State> Clerk::awaited(std::int64_t check, const Ruled& ruled, Now now,
                                    const Reading& reading) const {
  const Book& book = books_.at(check);
  const State own = ruled.checks.at(check).own;
  const bool is_held = book.known.held_until && now.steady < *book.known.held_until;
  const bool is_judged = own == State::sound || own == State::fail;
  if (book.spec.on_demand != 0 || !is_judged || is_held) return std::nullopt;
  std::optional<SteadyTime> recovery;
  for (const std::int64_t parent : {book.spec.parent, book.spec.second_parent}) {
    // An empty one is before all.
    if (parent >= 0) recovery = std::max(recovery, ruled.checks.at(parent).recovered);
  }
  if (recovery && is_waiting_for_recovery(book, *recovery, now.steady)) return State::blocked;
  if (own != State::fail || book.known.evidence->decides_alone) return std::nullopt;
  if (!doubted_until(check, ruled, now, reading)) return std::nullopt;
  const auto& former = book.known.former;
  if (!former) return State::blocked;
  const SteadyTime passed = former->evidence.began;
  const bool is_too_old = now.steady - passed > seconds(book.spec.stale_after());
  if (is_too_old || (recovery && passed < *recovery)) return std::nullopt;
  return State::sound;
}

bool Clerk::is_signed(std::int64_t check, const CheckSpec& spec, WallTime now) const {
  std::set<std::int64_t> people;
  for (const Signature& one : signatures_) {
    if (one.check != check || one.at > now || one.is_over || is_for_another(one, &spec)) continue;
    if (one.until && now >= *one.until) continue;
    if (spec.valid_for > 0 && now >= after(one.at, seconds(spec.valid_for))) continue;
    people.insert(one.who);
  }
  return static_cast<std::int64_t>(people.size()) >= spec.people;
}

// Where all have to be good, what does not apply is passed over; where some are enough, it is no
// evidence.
bool Clerk::are_members_good(const CheckSpec& spec, const Ruled& ruled) const {
  std::int64_t good = 0;
  std::int64_t all = 0;
  for (const std::int64_t member : {spec.member, spec.second_member, spec.third_member}) {
    if (member < 0) continue;
    ++all;
    const Status& status = ruled.checks.at(member);
    const bool counts = status.state != State::disabled || spec.at_least < 0;
    good += status.good && counts ? 1 : 0;
  }
  if (spec.member_gate >= 0) {
    ++all;
    const bool counts = spec.at_least < 0 || has_evidence(spec.member_gate, ruled);
    good += counts && is_gate_good(spec.member_gate, ruled) ? 1 : 0;
  }
  return good >= (spec.at_least < 0 ? all : spec.at_least);
}

bool Clerk::is_gate_good(std::int64_t gate, const Ruled& ruled) const {
  return std::all_of(ruled.checks.begin(), ruled.checks.end(), [&](const auto& entry) {
    const CheckSpec& spec = plan_.checks.at(entry.first);
    return spec.gate != gate || spec.advisory != 0 || entry.second.good;
  });
}

// Something in it applies.
bool Clerk::has_evidence(std::int64_t gate, const Ruled& ruled) const {
  return std::any_of(ruled.checks.begin(), ruled.checks.end(), [&](const auto& entry) {
    const CheckSpec& spec = plan_.checks.at(entry.first);
    return spec.gate == gate && spec.advisory == 0 && entry.second.state != State::disabled;
  });
}

bool Clerk::is_waived(std::int64_t check, const CheckSpec& spec, WallTime now) const {
  if (spec.unwaivable != 0) return false;
  return std::any_of(waivers_.begin(), waivers_.end(), [&](const Waived& one) {
    return one.check == check && !one.is_over && one.from <= now && now < one.until &&
           (!one.release || *one.release == release_);
  });
}

}  // namespace gonogo::simulation
