// What the first reading of a log reads.
#pragma once

#include <memory>
#include <string>

#include "daemon/io/log_parts.h"

namespace gonogo {

// The end of the log, or all of the asked time, over its former files. Copies of a log that goes on
// are left out. Blocks. Throws as parts_of_log().
LogParts first_parts_of_log(const std::string& path, const LogBounds& bounds,
                            std::unique_ptr<LogFile> log);

}  // namespace gonogo
