// What decides a check's results besides the options of its kind.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/check.h"
#include "daemon/formats/node.h"

namespace gonogo {

// What is configured for all checks, and counts only for those that use it.
struct Surroundings {
  std::vector<std::string> name_servers;  // none: the system's
  std::string docker_socket;
  Duration max_unsaved{};
};

// For a fingerprint. `options` are those of the check's kind; they may be null. The check's targets
// are known.
std::string surroundings_of(const Check& check, const Node* options, const Surroundings& all);

// The same for the check `prober`, which may ask the name servers.
std::string surroundings_of_prober(bool asks_name_servers, const Surroundings& all);

}  // namespace gonogo
