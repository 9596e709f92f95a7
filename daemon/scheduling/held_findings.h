// Decides whether a failure is the target's or this host's, before anyone hears of it.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "daemon/core/sentinel.h"
#include "daemon/scheduling/runner.h"

namespace gonogo {

// A failure that an impaired part of this host would explain is held until the check `prober` has
// run once more, begun after the failure, for at most two seconds; a run of `prober` that is under
// way then, and began after the check's, is awaited, for on a busy host it takes longer. Then it is
// passed on: as it is, or as unknown. Everything else is passed on at once, and of each check in
// the order of its runs.
class HeldFindings {
 public:
  static constexpr Duration longest_hold = std::chrono::seconds{2};

  using Deliver = std::function<void(CheckRuntime& runtime, Observation seen)>;
  // Whether the routes of this host lead to this address by the gateway.
  using IsBeyond = std::function<bool(const std::string& peer, const std::string& gateway)>;

  HeldFindings(Clock& clock, Runtimes& runtimes, Runner& runner, Deliver deliver,
               IsBeyond is_beyond);

  void use(SentinelRules rules) { rules_ = std::move(rules); }
  const SentinelRules& rules() const { return rules_; }

  void take(CheckRuntime& runtime, Observation seen);
  // What is held is forgotten.
  void stop() { held_.clear(); }

 private:
  struct Held {
    std::weak_ptr<CheckRuntime> runtime;
    Observation seen;
    Sentinel sentinel = Sentinel::resolver;
    SteadyTime failed_at{};
    Timer limit;
    bool is_overdue = false;
  };

  void note(const Observation& own);
  CheckRuntime* prober() const { return runtimes_.find("prober"); }
  bool is_beyond_gateway(const Observation& seen) const;
  void hold(CheckRuntime& runtime, Observation seen, Sentinel sentinel);
  void settle_unless_asking(std::list<Held>::iterator held);
  void settle(std::list<Held>::iterator held);
  void settle_answered(SteadyTime began);
  bool was_held_up(const Observation& seen) const;
  void deliver_explained(CheckRuntime& runtime, Observation seen, const std::string& why);

  Clock& clock_;
  Runtimes& runtimes_;
  Runner& runner_;
  Deliver deliver_;
  IsBeyond is_beyond_;
  SentinelRules rules_;
  std::list<Held> held_;
  // When each sentinel was at fail last, and what `prober` said then.
  struct Failing {
    std::optional<SteadyTime> at;
    std::string words;
  };
  std::array<Failing, sentinel_names.size()> failing_;
};

}  // namespace gonogo
