// The names that a rotation gives to the former files of a log.
#pragma once

#include <string_view>

namespace gonogo {

struct RotatedName {
  bool is_rotation = false;  // `name` is a former file of the log, not another log
  bool is_packed = false;    // it is compressed
};

// Both without a folder. "app.log.1", "app.log-20260101.gz", "app.1.log" and "app-2026-01-01.log"
// are former files of "app.log": as logrotate, newsyslog and logging libraries name them. What has
// other words in its name ("app-error.log", "application.log", "app.log.bak") is another file, and
// so is "app-2.log": a number follows a dot, or is a date.
RotatedName rotated_name(std::string_view log, std::string_view name);

}  // namespace gonogo
