// One deploy and what was seen of it while it was watched.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

// `superseded`: the next deploy began while this one was watched. `unproven`: there was not enough
// evidence to call it verified, and none that it regressed. `refused`: it never began, for it was
// no longer GO when it had been written down.
enum class DeploymentStatus : std::uint8_t {
  watching,
  verified,
  regressed,
  superseded,
  unproven,
  refused
};
inline constexpr std::array<std::string_view, 6> deployment_status_names{
    "watching", "verified", "regressed", "superseded", "unproven", "refused"};

constexpr std::string_view name_of(DeploymentStatus status) {
  return deployment_status_names.at(static_cast<std::size_t>(status));
}

// A number of a check that must stay near what it was before the deploy.
struct FigureRule {
  std::string check;
  std::string value;  // of its observations; "duration" is how long the run took, in seconds
  std::optional<double> max_ratio;     // to the baseline
  std::optional<double> min_ratio;     // to the baseline
  std::optional<double> max_increase;  // over the baseline
  std::optional<double> max_decrease;  // under the baseline
  int in_a_row = 1;                    // this many samples beyond it are a regression
};

struct WatchRule {
  Duration settle =
      std::chrono::minutes{1};       // after the start, in which nothing is held against it
  std::optional<Duration> interval;  // watched checks are run at least this often
  int min_samples = 5;               // of every watched check, or it is not verified
  std::vector<std::string> checks;   // id patterns; none: every blocker that has a probe
  std::vector<FigureRule> figures;
};

struct Figure {
  double baseline = 0;
  std::optional<double> last;
  int beyond_in_a_row = 0;
};

struct Deployment {
  std::int64_t id = 0;
  std::string version;
  std::string who;
  bool forced = false;
  std::string reason;  // why it was forced
  WallTime started{};
  Duration watch{};
  DeploymentStatus status = DeploymentStatus::watching;
  std::optional<WallTime> ended;
  std::vector<std::string> findings;      // what regressed, or what was missing
  std::map<std::string, int> samples;     // by watched check: those taken after it settled
  std::map<std::string, Figure> figures;  // by "check/value": those with a baseline
  // Since it began. Only the time in which the daemon saw something counts for the window.
  Duration watched{};
  Duration paused{};  // the daemon was down or suspended
  // A former process found that it regressed, and ran the hook; the audit does not have it yet.
  bool has_regressed = false;
};

// When the window is over, if the daemon is neither stopped nor suspended before.
inline WallTime end_of_watch(const Deployment& deployment) {
  return deployment.started + std::chrono::duration_cast<std::chrono::microseconds>(
                                  deployment.watch + deployment.paused);
}

}  // namespace gonogo
