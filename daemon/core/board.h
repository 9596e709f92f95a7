// What is known now: what was seen of each check, and what people decided.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/debounce.h"
#include "daemon/core/deployment.h"
#include "daemon/core/observation.h"
#include "daemon/core/signoff.h"

namespace gonogo {

// What a check was before it failed.
struct FormerGood {
  std::shared_ptr<const Observation> seen;  // the last that passed
  WallTime since{};                         // of that state
  SteadyTime until{};                       // when its failure was decided
};

// What was seen of one check.
struct CheckRecord {
  Debounce debounce;
  std::shared_ptr<const Observation> last;      // of any outcome
  std::shared_ptr<const Observation> decisive;  // the last that was not unknown: gives the age
  std::shared_ptr<const Observation> explains;  // the one that shows why the state is what it is
  WallTime since{};                             // of the state that debounce settled on
  std::vector<SteadyTime> changes;              // of raw outcomes, the newest, for flapping
  std::optional<SteadyTime> held_until;         // flapping: it is held at fail until then
  std::optional<SteadyTime> failing_since;      // good: since then runs fail, and too few decide
  std::optional<FormerGood> former;  // bad: what it was before; nothing if it never passed
  std::optional<SteadyTime> next_run;
  // As it was judged last, with all that it depends on: whether it was good without a waiver, and
  // when it became so after it was not. What depends on it knows nothing of itself until it has run
  // since then.
  bool was_sound = true;
  std::optional<SteadyTime> recovered;
  bool is_over = false;      // the last result was too old once: it counts no more
  bool is_restored = false;  // from a former process: nothing has run in this one
  // Restored as good, and the former process may have known better: that ends with the first run,
  // unless it passes.
  bool is_unconfirmed = false;
  std::array<std::uint64_t, outcome_names.size()> runs{};  // by outcome, within this process
};

// What people and deploys decided.
struct Board {
  std::vector<Signoff> signoffs;
  std::vector<Waiver> waivers;
  std::string release;                   // what is to be deployed, or was; empty: it is not known
  std::optional<Deployment> deployment;  // the last
};

// What the rules in force say of the end of sign-offs, by check.
using SignoffEnds = std::map<std::string, SignoffEnd, std::less<>>;
SignoffEnds signoff_ends_of(const Checklist& checklist);

// Marks the sign-offs and waivers that have ended by `now`, or because they were given for another
// release than the one in force: they stay ended, whatever the clock, the release and the rules are
// later. Returns whether there were any.
bool end_what_lapsed(Board& board, const SignoffEnds& ends, WallTime now);
bool end_what_lapsed(Board& board, const Checklist& checklist, WallTime now);

// The record of a check of which nothing has been seen yet.
CheckRecord empty_record(const Check& check, Now now);
std::vector<CheckRecord> empty_records(const Checklist& checklist, Now now);

// Takes one observation of `check` into its record. What is unconfirmed is as if it had never run,
// should this one know nothing.
void take(CheckRecord& record, const Check& check, std::shared_ptr<const Observation> seen);

// The check's rules may be others now. Failures that were counted and decide under the new one make
// it bad at once. Without a rule for flapping nothing is held, and nothing is held for longer than
// its window.
void follow_rules(CheckRecord& record, const Check& check);

// Whether its last result says nothing any more.
bool is_too_old(const CheckRecord& record, const Check& check, SteadyTime now);
// What is too old by now stays so, whatever becomes of the rule or of the clocks. Returns whether
// it is.
bool end_if_too_old(CheckRecord& record, const Check& check, SteadyTime now);

// Takes over how it was judged last, by these results or others.
inline void keep_recovery(CheckRecord& record, const CheckRecord& judged) {
  record.was_sound = judged.was_sound;
  record.recovered = judged.recovered;
}

// Takes over the record of an unchanged check, at a reload or from the store. A record of another
// configuration of the check is not taken over: false.
bool adopt(CheckRecord& record, const Check& check, const CheckRecord& old,
           const std::string& old_fingerprint);

}  // namespace gonogo
