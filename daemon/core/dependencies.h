// What the state of a check means for those that depend on it: whether it is about to fail, and
// whether it has just recovered.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/core/snapshot.h"

namespace gonogo {

// A good check has begun to fail, and its debounce has not decided. It will by `until`, or it has
// taken too long.
struct Doubt {
  std::size_t check = 0;
  SteadyTime since{};
  SteadyTime until{};
};

// Answers for checks that are judged already, within one judgement. The answer covers the check
// itself, all it depends on, and the members of composites as far as they decide.
class Dependencies {
 public:
  explicit Dependencies(const Snapshot& judged) : judged_(judged) {}

  const std::vector<Doubt>& doubts_of(std::size_t check);

 private:
  const Check& definition(std::size_t check) const { return judged_.checklist->checks[check]; }
  bool is_member_good(const CompositeRule& rule, const CompositeRule::Member& member) const;
  std::vector<std::size_t> checks_of(const CompositeRule::Member& member) const;
  std::vector<Doubt> doubts_of_members(const CompositeRule& rule);

  const Snapshot& judged_;
  std::unordered_map<std::size_t, std::vector<Doubt>> doubts_;
};

// A check that it depends on is about to fail or has just recovered: what the check is meanwhile.
struct Awaited {
  CheckState state = CheckState::blocked;
  std::size_t cause = 0;
  bool recovered = false;           // the cause has; else it is about to fail
  SteadyTime since{};               // of the recovery or the doubt
  std::optional<SteadyTime> until;  // when this ends by itself
};
// `status`: of a check with a probe, with the state that it has by its own results.
std::optional<Awaited> what_it_awaits(const CheckStatus& status, const Snapshot& judged,
                                      Dependencies& dependencies);

// Writes it into `status`. `cause`: the id of the check that it awaits.
void explain_awaited(CheckStatus& status, const Awaited& awaited, const std::string& cause,
                     Now now);

}  // namespace gonogo
