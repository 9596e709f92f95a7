// A configuration tree as YAML again.
#pragma once

#include <string>

#include "daemon/formats/node.h"

namespace gonogo {

// Secrets appear by their names.
std::string to_yaml(const Node& node);

}  // namespace gonogo
