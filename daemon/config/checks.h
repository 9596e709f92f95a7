// Reads the `gates` section into a Checklist.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/sentinel.h"
#include "daemon/formats/settings.h"

namespace gonogo {

struct Resources;
struct Surroundings;

struct ReadChecks {
  Checklist checklist;
  std::map<std::string, std::string, std::less<>> push_keys;  // to the id of the check
  bool has_release_source = false;
  SentinelRules sentinels;
  std::vector<Lack> lacks;                                    // of all checks
  std::map<std::string, std::vector<std::string>> needed_by;  // ids of checks, by secret
  // What the probes were made from and may change, by the id of the check.
  std::map<std::string, std::vector<std::shared_ptr<Renewable>>> renewables;
};

// Reads `gates`, `defaults`, `groups`, `calendar`, `prober` and `release` of `root`. Adds the
// built-in gate `gonogo` with the check `prober`, and `release` where one is configured.
ReadChecks read_checks(Settings& root, const Surroundings& surroundings, Resources& resources);

}  // namespace gonogo
