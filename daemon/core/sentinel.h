// Sentinels: the parts of this host that the check `prober` watches, so that an impaired host never
// reads "the target is down".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/check.h"
#include "daemon/core/observation.h"

namespace gonogo {

enum class Sentinel : std::uint8_t { scheduler, descriptors, pool, clock, resolver, store, route };
inline constexpr std::array<std::string_view, 7> sentinel_names{
    "scheduler", "descriptors", "pool", "clock", "resolver", "store", "route"};

constexpr std::string_view name_of(Sentinel sentinel) {
  return sentinel_names.at(static_cast<std::size_t>(sentinel));
}

// What `prober` measures of a sentinel, as the value of its name.
enum class Health : std::uint8_t { good, warn, fail };

// Whether `prober`, the last observation of that check, has this sentinel at fail.
bool is_failing(const Observation& prober, Sentinel sentinel);

// The sentinels that the configuration asks for, beside those that are always there.
struct SentinelRules {
  Duration max_lateness = std::chrono::seconds{1};
  bool pool = true;
  bool clock = true;
  bool resolver = true;
  bool store = true;
  std::string gateway;  // IP address; empty: nothing is known of routes
};

// The sentinel whose impairment would explain the failure that `seen` is, and which has to run once
// more before it is believed. None: the target is at fault, or the run could not judge anyway. A
// failure to reach `seen`'s peers counts for `route` when `is_beyond_gateway`.
std::optional<Sentinel> could_explain(const SentinelRules& rules, const Check& check,
                                      const Observation& seen, bool is_beyond_gateway);

// `seen`, which says nothing of the target after all: this host is `why`.
Observation explained(Observation seen, const std::string& why);

}  // namespace gonogo
