// A condition for a check to apply: what a file of KEY=value lines or a JSON file has to hold.
#pragma once

#include <memory>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;
class Condition;

// Reads `dotenv` (with `environment`) or `json`, and `key` with `is`, `is_not` (which ignore case)
// or `set`, or `jq`. Null on a problem.
std::shared_ptr<Condition> read_condition(Settings settings);

// A probe that asks the condition first. Where it does not hold the finding is `skipped`; where it
// cannot be asked (there is no such file, or compose refuses it) the run fails. Where it holds
// `probe` runs; without a `probe` the run passes.
std::shared_ptr<Probe> only_when(std::shared_ptr<Condition> condition, std::shared_ptr<Probe> probe,
                                 Resources& resources);

}  // namespace gonogo
