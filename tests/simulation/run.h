// Many simulations, one seed after the other, or several at a time.
#pragma once

#include <cstdint>
#include <string>

#include "tests/simulation/simulation.h"

namespace gonogo::simulation {

struct RunPlan {
  std::uint64_t events = 1'000'000;  // in all
  std::uint64_t first_seed = 1;
  std::uint64_t each = 1000;  // events of one seed
  std::uint64_t jobs = 1;     // threads
};

struct RunReport {
  Figures figures;
  std::uint64_t seeds = 0;
  std::string failure;  // what was wrong, with the events that show it; empty: nothing
};

RunReport run_simulations(const RunPlan& plan);

// On one line, after what was wrong.
std::string to_text(const RunReport& report);

}  // namespace gonogo::simulation
