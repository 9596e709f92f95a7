// The answer of /verdict, in each of its forms. Pure functions of a snapshot.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

// `gate`: only this one, by its index; its status is then the verdict.
// A negative answer never contains the positive token of its form: `"verdict":"GO"` or
// `verdict: GO`. Text that a target sent is escaped, and cannot forge it.
std::string verdict_json(const Snapshot& snapshot, std::optional<std::size_t> gate = {});
std::string verdict_text(const Snapshot& snapshot, std::optional<std::size_t> gate = {});
// What blocks, and for each of it: why, what would clear it, and when that could be.
std::string verdict_explained(const Snapshot& snapshot, std::optional<std::size_t> gate = {});
// draft-inadarei-api-health-check-06.
std::string verdict_health_json(const Snapshot& snapshot, std::optional<std::size_t> gate = {});

bool is_go(const Snapshot& snapshot, std::optional<std::size_t> gate = {});

}  // namespace gonogo
