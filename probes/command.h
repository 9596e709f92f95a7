// Runs a program of the operator's and judges its exit status and output.
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
// 'label'=value[unit];warn;crit;min;max. Times are converted to seconds, sizes to bytes; a value
// that is no number ("U") is left out. Returns at most `most` values.
std::vector<Value> parse_performance_data(std::string_view text, std::size_t most);

std::unique_ptr<Probe> make_command(Settings& settings, Resources& resources);

}  // namespace gonogo
