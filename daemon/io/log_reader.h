// Reads the lines that were added to a log since it was read last, over rotation and truncation.
// All of it blocks: for the pool.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

// Where reading stopped. Small, and fit to be kept across restarts.
struct LogPosition {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;  // behind the last whole line that was read
  std::string head;  // digest of the file's first bytes: a file that begins otherwise is new
  std::uint64_t head_size = 0;  // of how many bytes
};

struct LogBounds {
  std::uint64_t most_bytes = 16 << 20;    // of one reading
  std::size_t longest_line = 64 << 10;    // a longer one is cut
  std::uint64_t first_reading = 1 << 20;  // of the end of a log that was never read
};

struct LogReading {
  LogPosition position;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t left = 0;  // bytes that are there and were not read, beyond the bound
  bool lost_some = false;  // it was rotated out of reach before its end was read
};

// Calls `take` for each whole line, oldest first. An unfinished last line is left for the next
// time. Files that `path` was renamed to (path.1, path-20260101) or copied to are found beside it.
// Throws IoError (missing, permission, type).
LogReading read_new_lines(const std::string& path, const std::optional<LogPosition>& former,
                          const LogBounds& bounds,
                          const std::function<void(std::string_view)>& take);

}  // namespace gonogo
