// What happens to an observation: named subscribers take it, one after the other.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "daemon/scheduling/check_runtime.h"

namespace gonogo {

// An observation on its way through the subscribers.
struct Arrival {
  CheckRuntime& runtime;
  std::shared_ptr<Observation> seen;  // nobody changes it once it is recorded
  bool decides = false;  // it was the first decisive one, or debounce settled on something else
  bool forgets = false;  // what was known of the check before counts no more
};

struct Subscriber {
  std::string_view name;
  std::function<void(Arrival& arrival)> take;
};

inline void deliver(const std::vector<Subscriber>& subscribers, CheckRuntime& runtime,
                    Observation seen) {
  Arrival arrival{runtime, std::make_shared<Observation>(std::move(seen))};
  for (const Subscriber& subscriber : subscribers) subscriber.take(arrival);
}

}  // namespace gonogo
