// Writes a configuration tree as YAML.
#pragma once

#include <string>

#include "daemon/formats/node.h"

namespace gonogo {

// Secrets appear by their names.
std::string to_yaml(const Node& node);

}  // namespace gonogo
