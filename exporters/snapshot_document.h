// A whole snapshot as JSON, for programs.
#pragma once

#include <string>

#include "daemon/core/snapshot.h"
#include "exporters/polled_checks.h"

namespace gonogo {

std::string snapshot_json(const Snapshot& snapshot);

// What a poll was about, in the same form: its verdict, the gates that hold one of its checks, and
// those checks, each with whether it was asked for ("asked"): the others only explain the verdict.
std::string poll_json(const Snapshot& snapshot, const PolledChecks& polled);

// Single parts of the same document.
std::string checks_json(const Snapshot& snapshot);
std::string check_json(const Snapshot& snapshot, std::size_t index);
std::string gates_json(const Snapshot& snapshot);
std::string signoffs_json(const Snapshot& snapshot);
std::string waivers_json(const Snapshot& snapshot);

}  // namespace gonogo
