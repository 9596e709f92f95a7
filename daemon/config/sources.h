// Reads a configuration's files into one merged tree and fills in variables and secrets.
#pragma once

#include <map>
#include <string>

#include "daemon/formats/node.h"
#include "daemon/formats/settings.h"

namespace gonogo {

// Reads `path` (a file or a folder) and what it includes, and merges all into one tree in which
// `each` is expanded.
Node read_sources(const std::string& path, Reading& reading);

// Replaces ${vars.x}, ${secrets.x} and ${gonogo.config}, ${gonogo.config_dir}; "$${" is a literal
// "${". Reads `vars` and `secrets` from the tree; the redactor learns every secret's value.
void fill_in(Node& root, const std::string& path, Reading& reading);

// `file`, relative to the folder of the configuration at `path`.
std::string relative_to_config(const std::string& path, const std::string& file);

}  // namespace gonogo
