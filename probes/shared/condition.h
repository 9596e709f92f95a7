// When a check applies: a question to a file of KEY=value lines or to a JSON file.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;
class Condition;

// Reads `dotenv` or `json`, and `key` with `is`, `is_not`, `one_of` or `set`, or `jq`. Null on a
// problem.
std::shared_ptr<Condition> read_condition(Settings settings);

// A probe that asks the condition first: where it does not hold the finding is `skipped`, and where
// it cannot be asked (no such file) the look fails. Without a probe to go on with it passes.
std::shared_ptr<Probe> only_when(std::shared_ptr<Condition> condition, std::shared_ptr<Probe> probe,
                                 Resources& resources);

}  // namespace gonogo
