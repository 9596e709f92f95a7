// This host's available memory, swap and memory pressure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

// Sizes in bytes, from /proc/meminfo (proc(5)).
struct MemoryFigures {
  std::int64_t total = 0;
  std::int64_t available = 0;
  std::int64_t swap_total = 0;
  std::int64_t swap_free = 0;
};

// Nothing when MemTotal or MemAvailable is missing.
std::optional<MemoryFigures> parse_meminfo(std::string_view text);

// "some avg60" and "full avg60" of a /proc/pressure file, in percent of the time.
struct Pressure {
  double some = 0;
  double full = 0;
};
std::optional<Pressure> parse_pressure(std::string_view text);

std::unique_ptr<Probe> make_memory(Settings& settings, Resources& resources);

}  // namespace gonogo
