#include "daemon/core/sentinel.h"

#include <algorithm>
#include <utility>

namespace gonogo {

bool is_failing(const Observation& prober, Sentinel sentinel) {
  return std::any_of(prober.values.begin(), prober.values.end(), [sentinel](const Value& value) {
    return value.name == name_of(sentinel) && value.number >= static_cast<double>(Health::fail);
  });
}

std::optional<Sentinel> could_explain(const SentinelRules& rules, const Check& check,
                                      const Observation& seen, bool is_beyond_gateway) {
  if (seen.outcome != Outcome::fail || seen.is_seen_once) return std::nullopt;
  if (seen.reason == Reason::dns && seen.needed.name_server && rules.resolver)
    return Sentinel::resolver;
  const bool is_unreached = seen.reason == Reason::connect || seen.reason == Reason::timeout;
  if (is_unreached && !rules.gateway.empty() && is_beyond_gateway) return Sentinel::route;
  if (seen.reason == Reason::timeout && check.needs_worker && rules.pool) return Sentinel::pool;
  return std::nullopt;
}

Observation explained(Observation seen, const std::string& why) {
  seen.outcome = Outcome::unknown;
  seen.reason = Reason::prober;
  seen.summary = why + "; this run: " + seen.summary;
  return seen;
}

}  // namespace gonogo
