// What the clerk knows of deploys: what may be said of them, and when the hook may run.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/deployment.h"
#include "tests/simulation/clerk.h"

namespace gonogo::simulation {

class Deploys {
 public:
  Deploys(Clerk& clerk, Faults& faults) : clerk_(clerk), faults_(faults) {}

  // A deploy was answered with success.
  void began(Now now, Duration watch);
  // The daemon stood still for so long, until now.
  void stood_still(Duration span, Now now);
  // It was down for so long, until now. `noted`: when it had taken its last run.
  void was_down(Duration span, SteadyTime noted, Now now);
  void hook_runs();
  // What the daemon shows of the last deploy.
  void compare(const std::optional<Deployment>& shown, Now now);

  std::uint64_t regressed = 0;
  std::uint64_t verified = 0;
  std::uint64_t unproven = 0;

  static constexpr Duration settle = std::chrono::seconds{20};
  static constexpr int samples = 2;

 private:
  bool has_failed(const Deployment& shown, std::optional<SteadyTime> since, Now now);
  bool has_failed_since(const Deployment& shown, SteadyTime since);
  void ended(const Deployment& shown, Now now);
  // What is known of each watched check at this moment.
  void follow(const Deployment& shown, Now now);
  // Why a deploy cannot be verified now by this check; empty when it can.
  std::string objection_by(const std::string& id, int counted, Now now);

  Clerk& clerk_;
  Faults& faults_;
  // When it began as the daemon has it, moved by all pauses since: between these.
  SteadyTime earliest_{};
  SteadyTime latest_{};
  SteadyTime began_{};
  SteadyTime resumed_{};  // at the latest: what began before says nothing
  Duration watch_{};
  bool is_watched_ = false;
  Duration stood_{};                        // the last time that the daemon stood still,
  SteadyTime went_on_{};                    // and when that was over
  std::optional<SteadyTime> unseen_since_;  // a failure of a watched check
  struct Watched {
    std::string means;                    // what its results mean; empty while it is gone
    SteadyTime means_since{};             // or since the release, by which they are compared
    std::optional<SteadyTime> bad_since;  // not good by judgement, in the best reading
  };
  std::map<std::string, Watched> checks_;
  int hooks_allowed_ = 0;
  int hooks_ = 0;
};

}  // namespace gonogo::simulation
