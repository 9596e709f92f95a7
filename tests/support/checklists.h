// Checklists and boards written down in a line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "daemon/core/board.h"
#include "daemon/core/checklist.h"
#include "daemon/core/probe.h"

namespace gonogo {

// Stands for a probe where none is run.
class IdleProbe : public Probe {
 public:
  boost::asio::awaitable<Finding> run(Attempt&) override { co_return Finding::pass(); }
};

inline Check probed_check(std::string id, Duration interval = std::chrono::seconds{30},
                          Duration timeout = std::chrono::seconds{5}) {
  Check check;
  check.id = std::move(id);
  check.title = check.id;
  check.kind = "http";
  check.probe = std::make_shared<IdleProbe>();
  check.interval = interval;
  check.timeout = timeout;
  check.retry_interval = interval / 3;
  check.stale_after = 2 * interval + timeout;
  check.fingerprint = "f1";
  return check;
}

// All in one gate "g".
inline std::shared_ptr<Checklist> checklist_of(std::vector<Check> checks) {
  auto list = std::make_shared<Checklist>();
  list->gates.push_back({"g", "Gate", {}});
  for (Check& check : checks) {
    list->gates[0].checks.push_back(list->checks.size());
    list->checks.push_back(std::move(check));
  }
  return list;
}

inline std::shared_ptr<const Observation> seen(Outcome outcome, Now at,
                                               Reason reason = Reason::status) {
  auto observation = std::make_shared<Observation>(
      Finding(outcome, outcome == Outcome::pass ? Reason::none : reason, "seen"));
  observation->at = at;
  return observation;
}

}  // namespace gonogo
