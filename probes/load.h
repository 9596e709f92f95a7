// How many tasks want to run, for each core there is.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string_view>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

// The averages over 1, 5 and 15 minutes of /proc/loadavg (proc(5)).
std::optional<std::array<double, 3>> parse_loadavg(std::string_view text);

std::unique_ptr<Probe> make_load(Settings& settings, Resources& resources);

}  // namespace gonogo
