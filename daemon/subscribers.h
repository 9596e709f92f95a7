// What this daemon does with each observation.
#pragma once

#include <vector>

#include "daemon/scheduling/subscriber.h"

namespace gonogo {

class Clock;
class DecisionDesk;
class DeployWatch;
class LiveBoard;
class Redactor;
class Runner;
class Store;

// What the subscribers work with; all of it outlives them.
struct SubscriberParts {
  Clock& clock;
  Redactor& redactor;
  LiveBoard& board;
  Runner& runner;
  Store& store;
  DecisionDesk& desk;
  DeployWatch& watch;
};

// In the order in which they take it.
std::vector<Subscriber> make_subscribers(SubscriberParts parts);

}  // namespace gonogo
