// Reads the `gates` section into a Checklist.
#pragma once

#include <map>
#include <string>

#include "daemon/core/checklist.h"
#include "daemon/core/sentinel.h"
#include "daemon/formats/settings.h"

namespace gonogo {

struct Resources;

struct ReadChecks {
  Checklist checklist;
  std::map<std::string, std::string, std::less<>> push_keys;  // to the id of the check
  bool has_release_source = false;
  SentinelRules sentinels;
};

// Reads `gates`, `defaults`, `groups`, `calendar`, `prober` and `release` of `root`. Adds the
// built-in gate `gonogo` with the check `prober`, and `release` where one is configured.
ReadChecks read_checks(Settings& root, Resources& resources);

}  // namespace gonogo
