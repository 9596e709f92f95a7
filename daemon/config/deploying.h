// The `watch` and `waivers` sections: how deploys are observed, what people may accept.
#pragma once

#include <memory>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/deployment.h"
#include "daemon/core/probe.h"
#include "daemon/formats/settings.h"

namespace gonogo {

struct Resources;

struct DeployingConfig {
  WatchRule watch;
  Duration window = std::chrono::minutes{30};  // for a deploy that names none
  std::shared_ptr<Probe> on_regressed;         // null: nothing is run
  Duration on_regressed_timeout = std::chrono::minutes{10};
  Duration longest_waiver = std::chrono::hours{24 * 7};
  std::vector<Lack> lacks;  // of the hook
  std::vector<std::shared_ptr<Renewable>> renewables;
};

// Reads `watch` and `waivers` of `root`.
DeployingConfig read_deploying(Settings& root, const Checklist& list, Resources& resources);

}  // namespace gonogo
