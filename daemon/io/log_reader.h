// Reads the lines that were added to a log since it was read last, over rotation and truncation.
// It blocks: call it on the pool.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/io/log_position.h"

namespace gonogo {

// What is read of a log.
struct LogBounds {
  std::uint64_t most_bytes = 16 << 20;    // at most, in one reading
  std::size_t longest_line = 1 << 20;     // of a longer one only so much is given
  std::uint64_t first_reading = 1 << 20;  // at most, from the end of a log that was never read
  // Where former files are, too; absolute, or relative to the log's folder.
  std::vector<std::string> folders{};
  std::int64_t now = 0;  // in ns since 1970; 0: not known
  // The same of what the first reading goes back to, over former files too, and beyond
  // `first_reading` for as long as the lines say that they are of that time. What was written
  // before gives no line: files that were written last before it, and lines that say so.
  std::optional<std::int64_t> since{};
};

struct LogLine {
  std::string_view text;
  bool is_cut = false;  // it is longer than the bounds allow: this is its beginning
};

// The end of a log that does not end with a line end: its program ended in the middle of a line, or
// has more to write.
struct UnfinishedLine {
  std::string text;
  LogPosition behind;  // where reading goes on once it was taken for a line
};

struct LogReading {
  LogPosition position;
  // In a first reading, and where the log is as it was at the former one.
  std::optional<UnfinishedLine> unfinished{};
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t left = 0;  // bytes beyond the bound, not read yet
  // The first reading does not go back to what it was asked for.
  bool falls_short = false;
  bool lost_some = false;  // lines were gone before they were read, or cannot be read
  std::string why;         // what was seen of it; empty for `most_bytes`, which is less
};

// Calls `take` for each whole line, oldest first. An unfinished last line is left for the next
// time, but for former files: those are finished. A log that has another time than at the former
// reading and the same size was written anew. NULs before a line are no part of it. Files that
// `path` was renamed or copied to are found by their names (see rotations_of()), packed by gzip or
// not. Throws IoError (missing, permission, type).
LogReading read_new_lines(const std::string& path, const std::optional<LogPosition>& former,
                          const LogBounds& bounds, const std::function<void(const LogLine&)>& take);

}  // namespace gonogo
