// A program of the operator's: its exit status and what it says.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/probe.h"

namespace gonogo {

class Settings;
struct Resources;

// Performance data of a plugin's output (monitoring-plugins.org, "Development Guidelines", 2.6):
// 'label'=value[unit];warn;crit;min;max. Times are turned into seconds, sizes into bytes; what is
// no number ("U") is left out. At most `most` values.
std::vector<Value> parse_performance_data(std::string_view text, std::size_t most);

std::unique_ptr<Probe> make_command(Settings& settings, Resources& resources);

}  // namespace gonogo
