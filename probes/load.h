// The load average for each core.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

// Reads the averages over 1, 5 and 15 minutes from /proc/loadavg (proc(5)).
std::optional<std::array<double, 3>> parse_loadavg(std::string_view text);

std::unique_ptr<Probe> make_load(Settings& settings, Resources& resources);

}  // namespace gonogo
