// The oracle of the simulation: a second, simple wording of what the contract says, written from
// what the probes answered and what people decided. It never asks the kernel what it thinks.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/core/observation.h"
#include "tests/simulation/plan.h"
#include "tests/simulation/steadied.h"

namespace gonogo::simulation {

// The first thing that was wrong. What follows it says little.
struct Faults {
  std::optional<std::string> first;
  void report(const std::string& text) {
    if (!first) first = text;
  }
};

enum class State { sound, fail, pending, stale, blocked, disabled };

struct Status {
  State own = State::sound;  // by its results alone
  State state = State::sound;
  bool good = false;
  // When it became good after it was not: what depends on it knows nothing of itself until it has
  // run since then.
  std::optional<SteadyTime> recovered{};
};

struct Ruled {
  std::map<std::int64_t, Status> checks;
  std::array<bool, gate_count> gates{};
  bool is_frozen = false;
  bool go = false;
};

// The daemon judges not at each instant, and so the clerk does not know to the instant when a check
// has recovered: the worst and the best that may be said. Mostly they are one.
struct Bounds {
  Ruled least;
  Ruled most;
};

using RunId = std::uint64_t;
using Counts = std::array<std::uint64_t, outcome_names.size()>;

class Clerk {
 public:
  explicit Clerk(Faults& faults) : faults_(faults) {}

  // What the configuration says from now on.
  void put_in_force(const Plan& plan, Now now, bool is_start = false);
  // The daemon ends: no answer counts any more.
  void stop(Now now);
  // The daemon has ended, and another begins with what was stored.
  void restart(const Plan& plan, Now now);

  // What probes and targets saw.
  RunId began(std::int64_t check, Now now);
  // It needs a worker of the pool; `has_one` is set when it gets one.
  void needs_worker(RunId run, std::shared_ptr<const std::atomic<bool>> has_one);
  void answered(RunId run, Answer answer, Now now);
  void unwound(RunId run, Now now);
  // All timers of the daemon that were due have been called.
  void timers_called(Now now);
  // The daemon stood still until now: what fails of runs that were under way, or that begin now,
  // may be its own fault.
  void was_held_up(Now now);
  // Somebody asked for a run.
  void asked_for(std::int64_t check) { books_[check].is_asked = true; }
  // The daemon counts so many runs of the check: nothing is lost, nothing is made up.
  void compare_counts(std::int64_t check, const Counts& counted, Now now);
  // Every check that should have been run by now has been.
  void expect_punctual(Now now);

  // What people decided, at the moment of the answer. `asked`: when they did; `spec`: the check at
  // that time.
  void signed_off(const CheckSpec& spec, std::int64_t check, std::int64_t who,
                  const std::string& release, WallTime asked);
  void withdrew(std::int64_t check, std::int64_t who);
  void waived(std::int64_t check, const std::string& release, bool bound, WallTime asked,
              Duration lasts);
  void unwaived(std::int64_t check);
  void announced(const std::string& release, WallTime now);
  const std::string& release() const { return release_; }

  // What ended by this moment stays ended. `is_judged`: the daemon has judged all that is known by
  // now.
  Bounds rule(Now now, bool is_judged);
  // The best that may be said if this were the release.
  Ruled rule_for(const std::string& release, Now now);

  // Whether the check may be better than it was, for something passed or did not apply since.
  bool take_evidence(std::int64_t check);
  const CheckSpec* spec_of(std::int64_t check) const;
  // So many runs did not answer in time.
  std::uint64_t hung() const { return hung_; }
  // When the last run was taken.
  SteadyTime last_taken() const { return last_taken_; }
  // So many runs that judged it began since then.
  std::int64_t judged_since(std::int64_t check, SteadyTime since);
  const Known& known_of(std::int64_t check) { return books_[check].known; }

 private:
  // What is not in the books yet, for the daemon may have taken it for its own fault.
  struct Heard {
    Seen seen{};
    Outcome outcome = Outcome::unknown;
    bool is_doubtful = false;
  };
  struct Book {
    bool in_force = false;
    CheckSpec spec{};
    std::uint64_t generation = 0;  // of what runs it in the daemon
    SteadyTime since{};            // of that generation
    std::optional<SteadyTime> last_begin;
    SteadyTime idle_since{};        // when its last run ended
    std::int64_t former_retry = 0;  // by which its next run may have been planned
    bool is_asked = false;
    bool has_evidence = false;
    Known known{};
    Counts counts{};
    std::vector<SteadyTime> judged{};  // when the runs began that judged it
    std::vector<Heard> heard{};
    std::string saved_as;  // the fingerprint
    std::optional<Known> saved;
    // As it was ruled, with all that it depends on. The daemon judges some time after a change, and
    // knows nothing of what came and went before that.
    bool may_have_been_bad = true;        // at some instant since it was surely good
    bool was_judged_bad = false;          // at the last judgement
    std::optional<SteadyTime> recovered;  // at the latest
    std::optional<SteadyTime> good_from;  // at the earliest
  };
  // How what is open is read, and what is supposed to have failed.
  struct Reading {
    bool is_kind = false;
    std::set<std::int64_t> failed{};
  };
  struct Run {
    std::int64_t check = 0;
    std::uint64_t generation = 0;
    Now began{};
    Duration timeout{};
    bool is_open = true;      // an answer is still to come
    bool is_dropped = false;  // its check is no longer what it was
    bool timed_out = false;
    std::shared_ptr<const std::atomic<bool>> has_worker;  // null: it needs none
    SteadyTime deadline() const { return began.steady + timeout; }
  };
  struct Signature {
    std::int64_t check = 0;
    std::int64_t who = 0;
    std::string release;
    WallTime at{};
    bool is_for_release = false;    // as it was given
    std::optional<WallTime> until;  // as it was given
    bool is_over = false;
  };
  struct Waived {
    std::int64_t check = 0;
    std::optional<std::string> release;
    WallTime from{};
    WallTime until{};
    bool is_over = false;
  };

  void observe(Book& book, const Run& run, Answer answer, Now now);
  void enter(Book& book, const Seen& seen, Outcome outcome, Now now);
  void enter_heard(Book& book, std::uint64_t failures, Now now);
  void end_overdue(Run& run, Now now);
  void take_extra(Book& book, std::int64_t check, Outcome outcome, Now now);
  Run* hanging(std::int64_t check, std::uint64_t generation);
  std::int64_t running_in(std::int64_t group, Now now) const;
  void drop_runs(std::int64_t check);
  static std::optional<Known> aged(const Known& known, Now now);

  void end_what_is_over(WallTime now);
  bool is_for_another(const Signature& one, const CheckSpec* spec) const;
  Ruled rule_all(Now now, const Reading& reading) const;
  static State own_state(const Book& book, SteadyTime now);
  static bool is_in_doubt(const Book& book, State state);
  static SteadyTime end_of_doubt(const Book& book);
  // Those that a check depends on by others that apply.
  std::set<std::int64_t> ancestors_of(std::int64_t check, const Ruled& ruled) const;
  std::optional<State> awaited(std::int64_t check, const Ruled& ruled, Now now,
                               const Reading& reading) const;
  bool is_waiting_for_recovery(const Book& book, SteadyTime recovered, SteadyTime now) const;
  std::optional<SteadyTime> doubted_until(std::int64_t check, const Ruled& ruled, Now now,
                                          const Reading& reading) const;
  // clerk_recoveries.cpp
  std::optional<SteadyTime> recovery(const Book& book, State state, Now now,
                                     const Reading& reading) const;
  void keep(const Bounds& ruled, bool is_judged);
  void note_what_lapsed(const Book& book, Now now);
  void rests_on(std::int64_t check, std::set<std::int64_t>& all) const;
  std::set<std::int64_t> foundations_of(std::int64_t composite) const;
  std::vector<std::int64_t> doubtful_members(std::int64_t composite, const Ruled& ruled,
                                             Now now) const;
  bool is_signed(std::int64_t check, const CheckSpec& spec, WallTime now) const;
  bool are_members_good(const CheckSpec& spec, const Ruled& ruled) const;
  bool has_evidence(std::int64_t gate, const Ruled& ruled) const;
  bool is_gate_good(std::int64_t gate, const Ruled& ruled) const;
  bool is_waived(std::int64_t check, const CheckSpec& spec, WallTime now) const;

  Faults& faults_;
  Plan plan_;
  std::map<std::int64_t, Book> books_;
  std::map<RunId, Run> runs_;
  RunId last_run_ = 0;
  std::uint64_t hung_ = 0;
  SteadyTime last_taken_{};
  SteadyTime held_up_{};  // when the daemon went on after it stood still last
  std::uint64_t last_generation_ = 0;
  std::vector<Signature> signatures_;
  std::vector<Waived> waivers_;
  std::string release_;
};

}  // namespace gonogo::simulation
