// The names that a rotation gives to the former files of a log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gonogo {

enum class Packing : std::uint8_t { none, gzip, other };

struct RotatedName {
  bool is_rotation = false;  // `name` is a former file of the log, not another log
  Packing packing = Packing::none;
  std::size_t plain_size = 0;   // of the name without the ending of a compression
  std::size_t marked_size = 0;  // and without an extension behind the mark
  // The date in the name and what follows it, number by number, the largest unit first: of two
  // former files of one log, the older has the smaller ones. Empty where the name has no such date.
  std::vector<std::uint64_t> moment{};
};

// Both without a folder. "app.log.1", "app.log-20260101.gz", "app.1.log" and "app-2026-01-01.log"
// are former files of "app.log": as logrotate, newsyslog and logging libraries name them. What has
// other words in its name ("app-error.log", "application.log", "app.log.bak") is another file, and
// so is "app-2.log": a number follows a dot, or is a date. A date has a year. Behind a mark may be
// one more extension ("app.log.1.old", and "app.1.log" of a log "app"). Behind a date may be why
// the log was rotated, as timberjack writes it ("app-2026-11-28T02-16-17.624-size.log").
RotatedName rotated_name(std::string_view log, std::string_view name);

}  // namespace gonogo
