// Steadies a row of outcomes into a readiness.
#pragma once

#include <cstdint>

#include "daemon/core/observation.h"

namespace gonogo {

enum class Readiness : std::uint8_t { undecided, good, bad };

struct DebounceRule {
  int rise = 1;  // passes in a row before anything becomes good
  int fall = 1;  // failures in a row before good becomes bad
};

class Debounce {
 public:
  struct State {
    Readiness readiness = Readiness::undecided;
    int passes_in_a_row = 0;
    int failures_in_a_row = 0;
  };

  Debounce() = default;
  explicit Debounce(DebounceRule rule) : rule_(rule) {}
  Debounce(DebounceRule rule, State state) : rule_(rule), state_(state) {}

  // Warn counts as a pass; unknown moves nothing; skipped forgets everything. The first failure of
  // a check that has never passed decides at once.
  // `decides_at_once`: one failure is enough.
  void feed(Outcome outcome, bool decides_at_once = false);

  Readiness readiness() const { return state_.readiness; }
  const State& state() const { return state_; }

  // A change has begun but is not decided: worth another run soon.
  bool is_undecided() const;

  // How many more passes in a row make this good; 0 when it is good.
  int passes_wanted() const;

 private:
  DebounceRule rule_;
  State state_;
};

}  // namespace gonogo
