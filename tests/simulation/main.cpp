// Plays simulations until so many events have passed, or one fails:
//   simulate [--events N] [--seed FIRST] [--each M] [--jobs J]
//                                N events in all (GONOGO_EVENTS, or a million), M from each seed
//   simulate --replay FILE       a list of events as a failure prints it
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/simulation/run.h"
#include "tests/simulation/simulation.h"

namespace {

using namespace gonogo::simulation;

int replay(const std::string& path) {
  std::ifstream file(path);
  const auto events = events_from({std::istreambuf_iterator<char>(file), {}});
  if (!file || !events) {
    std::cerr << path << " holds no list of events\n";
    return 64;
  }
  const auto failure = play(*events);
  std::cout << (failure ? failure->text : "nothing is wrong") << "\n";
  return failure ? 1 : 0;
}

int usage() {
  std::cerr << "usage: simulate [--events N] [--seed FIRST] [--each M] [--jobs J] | simulate "
               "--replay FILE\n";
  return 64;
}

}  // namespace

int main(int count, char** words) {
  RunPlan plan;
  if (const char* events = std::getenv("GONOGO_EVENTS"))
    plan.events = std::strtoull(events, nullptr, 10);
  const std::vector<std::string> arguments(words + 1, words + count);
  if (arguments.size() % 2 != 0) return usage();
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& value = arguments[i + 1];
    if (arguments[i] == "--replay") return replay(value);
    char* end = nullptr;
    const std::uint64_t number = std::strtoull(value.c_str(), &end, 10);
    if (value.empty() || *end != '\0') return usage();
    if (arguments[i] == "--events") {
      plan.events = number;
    } else if (arguments[i] == "--seed") {
      plan.first_seed = number;
    } else if (arguments[i] == "--each") {
      plan.each = number;
    } else if (arguments[i] == "--jobs") {
      plan.jobs = number;
    } else {
      return usage();
    }
  }
  const auto began = std::chrono::steady_clock::now();
  const RunReport report = run_simulations(plan);
  const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  std::printf("%s; %.1f seconds\n", to_text(report).c_str(), took);
  return report.failure.empty() ? 0 : 1;
}
