// The files that a pattern of `include` names, or that a configuration's folder holds.
#pragma once

#include <string>
#include <vector>

namespace gonogo {

// `*`, `?` and `[` stand for parts of a name.
bool is_pattern(const std::string& text);

struct FilesFound {
  std::vector<std::string> files;     // sorted
  std::vector<std::string> skipped;   // as if by mistake: they end in .yml or .YAML, not in .yaml
  std::vector<std::string> problems;  // what does not exist or may not be read, in words
};

// `pattern` is relative to `folder`, which is no pattern. A folder that a part of the pattern found
// may lack what the rest of it names; one that is written out may not. Names that begin with a dot
// are found by a pattern that does as well. Blocks on the folders.
FilesFound find_files(const std::string& folder, const std::string& pattern);

}  // namespace gonogo
