// What the clerk writes down of runs.
#include <algorithm>
#include <utility>

#include "tests/simulation/clerk.h"

namespace gonogo::simulation {
namespace {

using namespace std::chrono_literals;

Outcome outcome_of(Answer answer) {
  switch (answer) {
    case Answer::pass: return Outcome::pass;
    case Answer::warn: return Outcome::warn;
    case Answer::unknown:
    case Answer::cannot_look: return Outcome::unknown;
    case Answer::skipped: return Outcome::skipped;
    default: return Outcome::fail;
  }
}

CheckSpec own_spec() {
  CheckSpec spec;
  spec.interval = 20;
  spec.retry = 1;
  spec.advisory = 1;
  spec.gate = static_cast<std::int64_t>(gate_count);
  return spec;
}

// Whether the daemon goes on running the check as before.
bool runs_as_before(const CheckSpec& before, const CheckSpec& now) {
  return fingerprint_of(before) == fingerprint_of(now) && before.interval == now.interval &&
         before.on_demand == now.on_demand && before.probed == now.probed;
}

std::string name(std::int64_t check) { return id_of(check); }

}  // namespace

void Clerk::put_in_force(const Plan& plan, Now now, bool is_start) {
  // By the rules that were in force until now.
  end_what_is_over(now.wall);
  plan_ = plan;
  Plan whole = plan;
  whole.checks[own_check] = own_spec();
  for (auto& [number, book] : books_) {
    if (!book.in_force || whole.checks.count(number) > 0) continue;
    drop_runs(number);
    book.in_force = false;
    book.known = {};
    book.counts = {};
  }
  for (auto& [number, book] : books_) {
    if (whole.checks.count(number) > 0) continue;
    // Neither now nor later does it go on with what was.
    book.saved.reset();
    book.may_have_been_bad = true;
  }
  for (const auto& [number, spec] : whole.checks) {
    Book& book = books_[number];
    const bool goes_on = book.in_force && runs_as_before(book.spec, spec);
    // What was too old stays so under any rule.
    if (!is_start) book.known.is_over = book.known.is_stale(book.spec, now.steady);
    if (!goes_on) {
      drop_runs(number);
      book.generation = ++last_generation_;
      book.since = now.steady;
      book.last_begin.reset();
      const bool means_the_same =
          book.in_force && fingerprint_of(book.spec) == fingerprint_of(spec);
      if (!means_the_same) book.known = {};
    }
    book.former_retry = goes_on ? std::max(book.former_retry, book.spec.retry) : 0;
    book.in_force = true;
    book.spec = spec;
    book.known.follow(spec);
    // What began anew in this life does not go on with an older result in the next.
    if (!is_start && !book.known.last) book.saved.reset();
  }
}

void Clerk::stop(Now now) {
  for (auto& [number, book] : books_) {
    if (book.in_force && book.saved && book.known.is_stale(book.spec, now.steady))
      book.saved->is_over = true;
  }
  for (const auto& [number, book] : books_) drop_runs(number);
}

void Clerk::restart(const Plan& plan, Now now) {
  runs_.clear();
  held_up_ = {};
  // By the rules of the former process.
  end_what_is_over(now.wall);
  for (auto& [number, book] : books_) {
    book.in_force = false;
    book.counts = {};
    book.heard.clear();
  }
  put_in_force(plan, now, true);
  for (auto& [number, book] : books_) {
    if (!book.in_force) continue;
    book.known = {};
    const auto saved = std::exchange(book.saved, std::nullopt);
    if (number == own_check || !saved || book.saved_as != fingerprint_of(book.spec)) continue;
    const auto known = aged(*saved, now);
    if (!known) continue;
    book.known = *known;
    book.known.is_over = book.known.is_stale(book.spec, now.steady);
    // It is never younger again.
    book.saved = book.known;
    book.known.follow(book.spec);
  }
}

// By the boot clock within one boot, by the wall clock too, and always the older of the two. What
// is dated in the future is not trusted.
std::optional<Known> Clerk::aged(const Known& known, Now now) {
  if (!known.last) return std::nullopt;
  Known aged = known;
  for (auto* seen : {&aged.last, &aged.evidence}) {
    if ((*seen)->wall > now.wall) return std::nullopt;
    const Duration age = std::max<Duration>(now.wall - (*seen)->wall, now.steady - (*seen)->began);
    (*seen)->began = now.steady - age;
  }
  if (aged.former) {
    Seen& former = aged.former->evidence;
    if (former.wall > now.wall)
      aged.former.reset();
    else
      former.began =
          now.steady - std::max<Duration>(now.wall - former.wall, now.steady - former.began);
  }
  return aged;
}

void Clerk::drop_runs(std::int64_t check) {
  for (auto& [id, run] : runs_) {
    if (run.check != check) continue;
    run.is_dropped = true;
    run.is_open = false;
  }
}

RunId Clerk::began(std::int64_t check, Now now) {
  Book& book = books_[check];
  if (!book.in_force) faults_.report(name(check) + " is run, and is not in force");
  if (!book.in_force || book.spec.probed == 0) faults_.report(name(check) + " has nothing to run");
  for (auto& [id, run] : runs_) {
    if (run.check != check || run.is_dropped) continue;
    if (run.is_open && run.deadline() <= now.steady) end_overdue(run, now);
    faults_.report(name(check) + " runs twice at once");
  }
  const bool has_parents = book.spec.parent >= 0 || book.spec.second_parent >= 0;
  if (book.last_begin == now.steady && !book.is_asked && !has_parents)
    faults_.report(name(check) + " is run twice at the same instant");
  book.is_asked = false;
  book.last_begin = now.steady;
  book.former_retry = 0;
  const RunId id = ++last_run_;
  Run run;
  run.check = check;
  run.generation = book.generation;
  run.began = now;
  run.timeout = std::chrono::seconds{book.spec.timeout};
  runs_[id] = run;
  if (book.spec.group >= 0) {
    const std::int64_t running = running_in(book.spec.group, now);
    if (running > plan_.limits.at(static_cast<std::size_t>(book.spec.group)))
      faults_.report(std::to_string(running) + " checks of group " +
                     std::to_string(book.spec.group) + " run at once");
  }
  return id;
}

std::int64_t Clerk::running_in(std::int64_t group, Now now) const {
  return std::count_if(runs_.begin(), runs_.end(), [&](const auto& entry) {
    const Run& run = entry.second;
    return run.is_open && run.deadline() > now.steady && books_.at(run.check).spec.group == group;
  });
}

void Clerk::needs_worker(RunId run, std::shared_ptr<const std::atomic<bool>> has_one) {
  if (const auto found = runs_.find(run); found != runs_.end())
    found->second.has_worker = std::move(has_one);
}

void Clerk::answered(RunId id, Answer answer, Now now) {
  const auto found = runs_.find(id);
  if (found == runs_.end() || !found->second.is_open) return;
  Run& run = found->second;
  if (now.steady > run.deadline()) {
    end_overdue(run, now);
    return;
  }
  run.is_open = false;
  observe(books_[run.check], run, answer, now);
}

void Clerk::unwound(RunId id, Now now) {
  const auto found = runs_.find(id);
  if (found == runs_.end()) return;
  // One that is cancelled at its deadline ends without an answer.
  if (found->second.deadline() <= now.steady) end_overdue(found->second, now);
  books_[found->second.check].idle_since = now.steady;
  runs_.erase(found);
}

// The target did not answer in time, unless the daemon itself was held up.
void Clerk::end_overdue(Run& run, Now now) {
  if (!run.is_open) return;
  run.is_open = false;
  const Duration late = now.steady - run.deadline();
  const bool waits = run.has_worker && !*run.has_worker;
  const bool is_ours = late > std::max<Duration>(500ms, run.timeout / 2) || waits;
  run.timed_out = !is_ours;
  hung_ += run.timed_out ? 1 : 0;
  observe(books_[run.check], run, is_ours ? Answer::unknown : Answer::fail, now);
}

void Clerk::timers_called(Now now) {
  for (auto& [id, run] : runs_) {
    if (run.is_open && run.deadline() <= now.steady) end_overdue(run, now);
  }
}

void Clerk::was_held_up(Now now) { held_up_ = now.steady; }

void Clerk::observe(Book& book, const Run& run, Answer answer, Now now) {
  last_taken_ = now.steady;
  Heard heard;
  heard.outcome = outcome_of(answer);
  heard.seen.failed = heard.outcome == Outcome::fail;
  heard.seen.decides_alone = answer == Answer::once;
  heard.seen.began = run.began.steady;
  heard.seen.wall = run.began.wall;
  heard.seen.ended = now.steady;
  // A failure that no second run can see is never explained away: it would be lost.
  heard.is_doubtful =
      heard.seen.failed && !heard.seen.decides_alone && run.began.steady <= held_up_;
  if (heard.is_doubtful || !book.heard.empty()) {
    book.heard.push_back(heard);
  } else {
    enter(book, heard.seen, heard.outcome, now);
  }
}

void Clerk::enter(Book& book, const Seen& seen, Outcome outcome, Now now) {
  note_what_lapsed(book, now);
  ++book.counts.at(static_cast<std::size_t>(outcome));
  if (outcome == Outcome::skipped) {
    book.known.skip(seen);
  } else if (outcome != Outcome::unknown) {
    book.known.take(seen, book.spec);
    book.judged.push_back(seen.began);
  }
  const bool is_evidence = outcome != Outcome::unknown && outcome != Outcome::fail;
  book.has_evidence = book.has_evidence || is_evidence;
  if (!book.known.last) return;
  book.saved = book.known;
  book.saved_as = fingerprint_of(book.spec);
}

// The daemon counts so many failures. Those that it does not count it took for its own fault.
void Clerk::enter_heard(Book& book, std::uint64_t failures, Now now) {
  const auto failed = static_cast<std::uint64_t>(
      std::count_if(book.heard.begin(), book.heard.end(),
                    [](const Heard& heard) { return heard.outcome == Outcome::fail; }));
  const std::uint64_t all = book.counts.at(static_cast<std::size_t>(Outcome::fail)) + failed;
  std::uint64_t excused = all > failures ? all - failures : 0;
  for (const Heard& heard : std::exchange(book.heard, {})) {
    const bool is_excused = heard.is_doubtful && excused > 0;
    if (is_excused) --excused;
    enter(book, heard.seen, is_excused ? Outcome::unknown : heard.outcome, now);
  }
}

Clerk::Run* Clerk::hanging(std::int64_t check, std::uint64_t generation) {
  for (auto& [id, run] : runs_) {
    if (run.check == check && run.generation == generation && !run.is_open) return &run;
  }
  return nullptr;
}

// A run is due while the one before hangs. As long as the check is undecided, a target that has
// still not answered has failed once more; else nothing is known.
void Clerk::take_extra(Book& book, std::int64_t check, Outcome outcome, Now now) {
  const Run* run = hanging(check, book.generation);
  const bool is_undecided = book.known.is_undecided();
  const bool may_fail = run != nullptr && (is_undecided || !run->timed_out);
  const bool has_to_fail =
      run != nullptr && run->timed_out && is_undecided && now.steady > held_up_;
  const bool is_explained = run != nullptr && ((outcome == Outcome::unknown && !has_to_fail) ||
                                               (outcome == Outcome::fail && may_fail));
  if (!is_explained) {
    faults_.report(name(check) + ": " + std::string(name_of(outcome)) +
                   " was recorded, and no run says so");
    return;
  }
  Seen seen;
  seen.failed = outcome == Outcome::fail;
  seen.began = seen.ended = now.steady;
  seen.wall = now.wall;
  enter(book, seen, outcome, now);
}

void Clerk::compare_counts(std::int64_t check, const Counts& counted, Now now) {
  Book& book = books_[check];
  enter_heard(book, counted.at(static_cast<std::size_t>(Outcome::fail)), now);
  for (const Outcome outcome :
       {Outcome::fail, Outcome::unknown, Outcome::pass, Outcome::warn, Outcome::skipped}) {
    const auto index = static_cast<std::size_t>(outcome);
    if (counted.at(index) < book.counts.at(index))
      faults_.report(name(check) + ": " + std::to_string(counted.at(index)) +
                     " runs are counted as " + std::string(name_of(outcome)) + ", and " +
                     std::to_string(book.counts.at(index)) + " were");
    while (!faults_.first && counted.at(index) > book.counts.at(index))
      take_extra(book, check, outcome, now);
  }
}

void Clerk::expect_punctual(Now now) {
  for (const auto& [number, book] : books_) {
    if (!book.in_force || book.spec.probed == 0 || book.spec.on_demand != 0) continue;
    const SteadyTime last =
        std::max({book.last_begin.value_or(book.since), book.since, book.idle_since});
    // In a group it may have waited for room until now.
    const bool is_sooner =
        book.spec.group < 0 && book.known.is_undecided() && book.known.last->ended >= book.since;
    const std::int64_t longest =
        is_sooner ? std::max(book.spec.retry, book.former_retry) : book.spec.interval;
    if (now.steady - last <= std::chrono::seconds{longest} + 1ms) continue;
    const std::int64_t check = number;
    const bool is_under_way = std::any_of(runs_.begin(), runs_.end(), [check](const auto& entry) {
      return entry.second.check == check && !entry.second.is_dropped;
    });
    if (is_under_way) continue;
    const std::int64_t group = book.spec.group;
    if (group >= 0 && running_in(group, now) >= plan_.limits.at(static_cast<std::size_t>(group)))
      continue;
    faults_.report(name(number) + " was not run in time");
  }
}

std::int64_t Clerk::judged_since(std::int64_t check, SteadyTime since) {
  const auto& judged = books_[check].judged;
  return std::count_if(judged.begin(), judged.end(),
                       [since](SteadyTime began) { return began >= since; });
}

bool Clerk::take_evidence(std::int64_t check) {
  return std::exchange(books_[check].has_evidence, false);
}

const CheckSpec* Clerk::spec_of(std::int64_t check) const {
  const auto found = books_.find(check);
  return found == books_.end() || !found->second.in_force ? nullptr : &found->second.spec;
}

}  // namespace gonogo::simulation
