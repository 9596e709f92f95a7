// From a path to one merged tree with variables and secrets filled in.
#pragma once

#include <map>
#include <string>

#include "daemon/formats/node.h"
#include "daemon/formats/settings.h"

namespace gonogo {

// Reads `path` (a file or a folder), what it includes, and merges all into one tree in which
// `each` is spelled out.
Node read_sources(const std::string& path, Reading& reading);

// Replaces ${vars.x}, ${secrets.x} and ${gonogo.config}, ${gonogo.config_dir}; "$${" is a literal
// "${". Takes `vars` and `secrets` from the tree; every secret's value goes to the redactor.
void fill_in(Node& root, const std::string& path, Reading& reading);

// `file` as seen from the folder of the configuration at `path`.
std::string relative_to_config(const std::string& path, const std::string& file);

}  // namespace gonogo
