// Makes a list of events that fails as short and as plain as it gets.
#pragma once

#include <functional>
#include <vector>

#include "tests/simulation/event.h"

namespace gonogo::simulation {

using Fails = std::function<bool(const std::vector<Event>& events)>;

// `events` fails, and so does what is returned: no event can be left out of it, and no parameter
// put to its usual value, unless `most_tries` ran out.
std::vector<Event> shrunk(std::vector<Event> events, const Fails& fails, int most_tries = 3000);

}  // namespace gonogo::simulation
