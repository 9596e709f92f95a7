// Which files of a log hold what is to be read, and where in them it begins.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/io/log_file.h"
#include "daemon/io/log_reader.h"
#include "daemon/io/log_rotations.h"

namespace gonogo {

struct LogPart {
  std::unique_ptr<LogFile> file;
  std::uint64_t from = 0;
  bool is_within_line = false;  // as in LogPosition
};

struct LogParts {
  std::vector<LogPart> former;  // the oldest first; they are read before the log itself
  bool has_more = false;        // there are more of them than are given at once
  LogPart log;
  bool is_unchanged = false;  // the log is as it was at the former reading
  // It may have been written anew a moment ago, or is just being written to.
  bool is_unsettled = false;
  bool is_older = false;  // the log was written last before the time that the first reading is for
  std::vector<LogRotation> rotations;  // all that are there
  // As in LogReading.
  bool falls_short = false;
  bool lost_some = false;
  std::string why{};
};

// Opened at once; the next reading goes on with the rest.
inline constexpr std::size_t most_log_files = 100;

// All files are open, so that none can go before it is read. Blocks. Throws IoError (missing,
// permission, type).
LogParts parts_of_log(const std::string& path, const LogBounds& bounds,
                      const std::optional<LogPosition>& former);

bool is_same_file(const LogRotation& rotation, const LogFile& file);

// What a line says of the time that the first reading is for.
enum class LineAge : std::uint8_t { not_known, older, asked };
LineAge age_of(std::string_view line, const LogBounds& bounds);

// Copied or packed, it may have been: its time is then not that of its last line.
bool was_made_at_once(const LogFile& file);

// Null, and why in `unreadable`, when this daemon cannot read it. Throws IoError.
std::unique_ptr<LogFile> open_former(const LogRotation& rotation, std::string& unreadable);

// Null when it is not there any more or cannot be read.
std::unique_ptr<LogFile> open_if_there(const LogRotation& rotation);

}  // namespace gonogo
