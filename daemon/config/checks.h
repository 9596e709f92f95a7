// Reads the `gates` section into a Checklist and its probes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/probe.h"
#include "daemon/formats/settings.h"

namespace gonogo {

struct Resources;

struct ReadChecks {
  Checklist checklist;
  std::vector<std::shared_ptr<Probe>> probes;
  std::map<std::string, std::size_t, std::less<>> push_keys;
  std::optional<std::size_t> release_check;  // the one that reads the release
};

// Reads `gates`, `defaults`, `groups`, `calendar`, `prober` and `release` of `root`. Adds the
// built-in gate `gonogo` with the check `prober`, and `release` where one is configured.
ReadChecks read_checks(Settings& root, Resources& resources);

}  // namespace gonogo
