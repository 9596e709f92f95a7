// Files that others write, read without trust. Every function blocks: call it on the pool.
#pragma once

#include <sys/stat.h>

#include <string>
#include <vector>

#include "daemon/core/time.h"

namespace gonogo {

// The status of the file at `path`, links followed. Throws IoError (missing, permission, error).
struct stat stat_file(const std::string& path);

// Reads the whole of a regular file of at most `limit` bytes. A FIFO, device or directory is never
// opened for reading. Throws IoError (missing, permission, type, threshold, error).
std::string read_bounded_file(const std::string& path, std::size_t limit);

// The paths that match a pattern of glob(7); the order is that of its flags. Throws IoError
// (permission).
std::vector<std::string> matching_paths(const std::string& pattern, int flags = 0);

// The time of its last change, never before 1970 nor after 2255.
WallTime changed_at(const struct stat& info);

// "a directory", "a FIFO", ...
const char* type_in_words(mode_t mode);

}  // namespace gonogo
