// The answers of /verdict in all their forms, as pure functions of a snapshot.
#pragma once

#include <optional>
#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

// With `gate`, an index, the answer covers only this gate, and its status is the verdict.
// A negative answer never contains the positive token of its form: `"verdict":"GO"` or
// `verdict: GO`. Text from a target is escaped and cannot forge it.
std::string verdict_json(const Snapshot& snapshot, std::optional<std::size_t> gate = {});
std::string verdict_text(const Snapshot& snapshot, std::optional<std::size_t> gate = {});
// Lists each blocker with its cause, what would clear it, and when that is possible at the
// earliest.
std::string verdict_explained(const Snapshot& snapshot, std::optional<std::size_t> gate = {});
// The format of draft-inadarei-api-health-check-06.
std::string verdict_health_json(const Snapshot& snapshot, std::optional<std::size_t> gate = {});

bool is_go(const Snapshot& snapshot, std::optional<std::size_t> gate = {});

}  // namespace gonogo
