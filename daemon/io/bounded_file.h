// Files that somebody else writes, read without trust. All of it blocks: for the pool.
#pragma once

#include <sys/stat.h>

#include <string>

#include "daemon/core/time.h"

namespace gonogo {

// What `path` leads to, links followed. Throws IoError (missing, permission, error).
struct stat stat_file(const std::string& path);

// All of a regular file of at most `limit` bytes. A FIFO, device or directory is never opened for
// reading. Throws IoError (missing, permission, type, threshold, error).
std::string read_bounded_file(const std::string& path, std::size_t limit);

// When it was last changed; what lies before 1970 or after 2255 is told as those.
WallTime changed_at(const struct stat& info);

// "a directory", "a FIFO", ...
const char* type_in_words(mode_t mode);

}  // namespace gonogo
