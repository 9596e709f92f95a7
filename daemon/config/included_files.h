// Which files a configuration is made of.
#pragma once

#include <string>
#include <vector>

#include "daemon/formats/settings.h"

namespace gonogo {

// The *.yaml files of the folder at `path`. A folder without any is a problem.
std::vector<std::string> files_of_folder(const std::string& path, Reading& reading);

// The files that the patterns of `include` find, relative to the configuration at `path`. What
// cannot be searched is a problem, a pattern that finds nothing a warning.
std::vector<std::string> included_files(Settings& top, const std::string& path);

}  // namespace gonogo
