// Reads the lines that were added to a log since it was read last, over rotation and truncation.
// It blocks: call it on the pool.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gonogo {

// Where reading stopped. It is small, so that it can be kept across restarts.
struct LogPosition {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t offset = 0;     // after the last whole line that was read
  std::string head;             // digest of the file's first bytes: they differ in a new file
  std::uint64_t head_size = 0;  // how many bytes `head` is the digest of
  std::string tail;             // digest of as many bytes before `offset`; empty: not known
};

struct LogBounds {
  std::uint64_t most_bytes = 16 << 20;    // at most, in one reading
  std::size_t longest_line = 64 << 10;    // a longer one is cut
  std::uint64_t first_reading = 1 << 20;  // at most, from the end of a log that was never read
};

struct LogReading {
  LogPosition position;
  std::uint64_t lines = 0;
  std::uint64_t bytes = 0;
  std::uint64_t left = 0;  // bytes beyond the bound, not read yet
  bool lost_some = false;  // lines were rotated away before they were read
};

// Calls `take` for each whole line, oldest first. An unfinished last line is left for the next
// time. Files that `path` was renamed or copied to are found beside it by their names: see
// rotated_name(). Throws IoError (missing, permission, type).
LogReading read_new_lines(const std::string& path, const std::optional<LogPosition>& former,
                          const LogBounds& bounds,
                          const std::function<void(std::string_view)>& take);

}  // namespace gonogo
