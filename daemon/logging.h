// Log lines: to the journal under systemd, else to standard error.
#pragma once

#include <string_view>

namespace gonogo {

void start_logging();

// One line each; control characters are escaped.
void log_info(std::string_view text);
void log_warning(std::string_view text);
void log_error(std::string_view text);

}  // namespace gonogo
