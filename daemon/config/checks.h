// The `gates` section to a Checklist and its probes.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/probe.h"
#include "probes/support/settings.h"

namespace gonogo {

struct Resources;

struct ReadChecks {
  Checklist checklist;
  std::vector<std::shared_ptr<Probe>> probes;
  std::map<std::string, std::size_t, std::less<>> push_keys;
};

// Reads `gates`, `defaults`, `calendar` and `prober` of `root`. Adds the built-in gate `gonogo`
// with the check `prober`.
ReadChecks read_checks(Settings& root, Resources& resources);

}  // namespace gonogo
