// A whole snapshot as JSON, for programs.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"

namespace gonogo {

std::string snapshot_json(const Snapshot& snapshot);

// Single parts of the same document.
std::string checks_json(const Snapshot& snapshot);
std::string check_json(const Snapshot& snapshot, std::size_t index);
std::string gates_json(const Snapshot& snapshot);
std::string signoffs_json(const Snapshot& snapshot);
std::string waivers_json(const Snapshot& snapshot);

}  // namespace gonogo
