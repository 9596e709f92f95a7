// The table of probe kinds.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

// Reads a kind's options. Problems are reported to the settings; the probe may then be null.
using ProbeMaker = std::unique_ptr<Probe> (*)(Settings& settings, Resources& resources);

struct Kind {
  std::string_view name;
  ProbeMaker make;
  bool needs_worker = false;  // its runs use threads of the pool
};

std::span<const Kind> kinds();
const Kind* find_kind(std::string_view name);

}  // namespace gonogo
