// How this daemon itself and its host fare.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/core/probe.h"
#include "daemon/core/sentinel.h"

namespace gonogo {

class Settings;
struct ProberHealth;
struct Resources;

// What a sentinel says. Words only when it is not good.
struct SentinelReading {
  Sentinel sentinel = Sentinel::scheduler;
  Health health = Health::good;
  std::string words;
};

// The section `prober` of the configuration.
SentinelRules read_sentinels(Settings& settings);

// What the sentinels say that need to ask nobody.
std::vector<SentinelReading> readings_of(const SentinelRules& rules, const ProberHealth& health);

// What the check `prober` finds: as bad as the worst of them. Its values are the sentinels by name,
// as Health.
Finding prober_finding(const std::vector<SentinelReading>& readings, const ProberHealth& health);

std::unique_ptr<Probe> make_prober(SentinelRules rules, Resources& resources);
std::unique_ptr<Probe> make_prober(Settings& settings, Resources& resources);

}  // namespace gonogo
