// A simulated configuration file, and what the daemon reads from it.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/core/time.h"
#include "tests/simulation/event.h"

namespace gonogo::simulation {

inline constexpr std::size_t gate_count = 3;
inline constexpr std::size_t group_count = 2;
inline constexpr const char* role = "lead";

struct Freeze {
  WallTime from{};
  WallTime until{};
};

struct Plan {
  std::map<std::int64_t, CheckSpec> checks;  // by number
  std::array<std::int64_t, group_count> limits{1, 1};
  std::vector<Freeze> freezes;
};

std::string id_of(std::int64_t number);
std::string fingerprint_of(const CheckSpec& spec);

// Without what no configuration can hold: references to what is missing or comes later, checks
// that nothing decides.
Plan without_nonsense(const Plan& plan);

// The daemon's own check comes last, beside those of the plan in the order of their numbers.
using MakeProbe = std::function<std::shared_ptr<Probe>(std::int64_t number)>;
std::shared_ptr<Checklist> checklist_from(const Plan& plan, const MakeProbe& make);

// What is only in a simulation: the number of the check by which the daemon checks itself.
inline constexpr std::int64_t own_check = 1000;

}  // namespace gonogo::simulation
