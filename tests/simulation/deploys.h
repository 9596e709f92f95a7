// What the clerk knows of deploys: what may be said of them, and when the hook may run.
#pragma once

#include <optional>
#include <vector>

#include "daemon/core/deployment.h"
#include "tests/simulation/clerk.h"

namespace gonogo::simulation {

class Deploys {
 public:
  Deploys(Clerk& clerk, Faults& faults) : clerk_(clerk), faults_(faults) {}

  // A deploy was answered with success.
  void began(Now now, Duration watch);
  // The daemon did not run for a time, or can no longer tell for how long it did.
  void was_interrupted() { is_exact_ = false; }
  void hook_runs();
  // What the daemon shows of the last deploy.
  void compare(const std::optional<Deployment>& shown, Now now);

  std::uint64_t regressed = 0;
  std::uint64_t verified = 0;
  std::uint64_t unproven = 0;

  static constexpr Duration settle = std::chrono::seconds{20};
  static constexpr int samples = 2;

 private:
  bool has_failed(const Deployment& shown, bool by_time, Now now);
  bool has_failed_since(const Deployment& shown, SteadyTime since);
  void ended(const Deployment& shown, Now now);

  Clerk& clerk_;
  Faults& faults_;
  std::optional<SteadyTime> began_;
  Duration watch_{};
  bool is_exact_ = true;  // the daemon knows by the boot clock when it began
  bool is_watched_ = false;
  std::optional<SteadyTime> unseen_since_;  // a failure of a watched check
  int hooks_allowed_ = 0;
  int hooks_ = 0;
};

}  // namespace gonogo::simulation
