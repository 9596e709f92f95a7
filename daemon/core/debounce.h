// Steadies a row of outcomes into a readiness.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "daemon/core/observation.h"

namespace gonogo {

enum class Readiness : std::uint8_t { undecided, good, bad };

struct DebounceRule {
  int rise = 1;  // passes in a row before anything becomes good
  int fall = 1;  // failures in a row before good becomes bad
  int of = 0;    // or as many failures among so many last runs; 0: 2 x fall - 1

  int window() const { return of > 0 ? of : 2 * fall - 1; }
};

class Debounce {
 public:
  // More runs than this are not remembered.
  static constexpr int most_runs = 2000;

  struct State {
    Readiness readiness = Readiness::undecided;
    int passes_in_a_row = 0;
    int failures_in_a_row = 0;
    // The last runs from the oldest failure in the window on, 'f' for a failure and 'p' for a pass;
    // empty when none of them failed.
    std::string recent{};
    // It became bad by failures that were not in a row.
    bool by_window = false;
  };

  Debounce() = default;
  explicit Debounce(DebounceRule rule) : rule_(rule) {}
  Debounce(DebounceRule rule, State state) : rule_(rule), state_(std::move(state)) { forget_old(); }

  // Goes on under this rule. If the last run failed and that decides now, it is bad.
  void follow(DebounceRule rule);

  // Warn counts as a pass; unknown moves nothing; skipped forgets everything. Good becomes bad by
  // `fall` failures in a row, or by as many among the last runs of the window. It becomes good
  // again by `rise` passes in a row and, if the window decided, with fewer than `fall` failures in
  // the window. The first failure of a check that has never passed decides at once.
  // `decides_at_once`: one failure is enough.
  void feed(Outcome outcome, bool decides_at_once = false);

  Readiness readiness() const { return state_.readiness; }
  const State& state() const { return state_; }

  // A change has begun but is not decided: worth another run soon.
  bool is_undecided() const;

  // How many more passes in a row make this good; 0 when it is good.
  int passes_wanted() const;

  int failures_in_window() const;

 private:
  int passes_missing() const;
  void decide_failure(bool decides_at_once);
  void remember(bool failed);
  void forget_old();

  DebounceRule rule_;
  State state_;
};

}  // namespace gonogo
