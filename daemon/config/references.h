// The references between checks: depends_on and composite.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/core/checklist.h"
#include "daemon/formats/settings.h"

namespace gonogo {

// One check's references as names, kept until all checks are known.
struct References {
  std::size_t check = 0;
  Settings settings;
  std::vector<std::string> depends_on;
  std::vector<std::string> members;
  std::optional<std::int64_t> at_least;
  bool any = false;
};

// The checks that the state of this one depends on: those of depends_on, and the members of a
// composite.
std::vector<std::size_t> needs_of(const Checklist& list, std::size_t check);

// Replaces names by indices. Unknown names, and rings in which a check needs itself, are reported
// to the settings of the check that names them.
void resolve_references(Checklist& list, std::vector<References>& references);

}  // namespace gonogo
