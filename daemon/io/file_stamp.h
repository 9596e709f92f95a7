// Whether a file has changed, found out cheaply.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace gonogo {

// By path.
using FileStamps = std::map<std::string, std::string>;

// Differs from the former stamp when the file at `path` has changed: another file, time or size, or
// gone. A folder's stamp covers what is directly in it. A file that changed a moment ago is stamped
// as "fresh", as it may change again without a new time. Blocks: for the pool.
std::string stamp_of(const std::string& path);
FileStamps stamps_of(const std::vector<std::string>& paths);

}  // namespace gonogo
