// Which containers restart again and again.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "daemon/core/time.h"

namespace gonogo {

// How often each container was restarted, and when that number last rose: from run to run, and in a
// note for a later process.
class ContainerRestarts {
 public:
  ContainerRestarts() = default;
  // Nothing is known when the text is no such note: restarts are then counted as in the first run.
  ContainerRestarts(const std::string& note, Now now);

  void count(const std::string& id, std::int64_t restarts, SteadyTime now);
  // When the number of this container last rose, as far as is known.
  std::optional<SteadyTime> last_rise(const std::string& id) const;
  void forget_unseen_since(SteadyTime time);

  // It is bounded: those whose number rose last come first, then those that were seen last.
  std::string note(Now now) const;

 private:
  struct Restarts {
    std::int64_t count = 0;
    std::optional<SteadyTime> rose;
    SteadyTime seen{};
  };
  std::map<std::string, Restarts> by_id_;
};

}  // namespace gonogo
