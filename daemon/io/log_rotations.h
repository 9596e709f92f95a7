// The former files of a log, found by their names.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/formats/rotated_name.h"
#include "daemon/io/log_position.h"

namespace gonogo {

struct LogRotation {
  std::string path;
  std::string plain_path;   // without the ending of a compression
  std::string marked_path;  // as RotatedName::marked_size
  Packing packing = Packing::none;
  std::vector<std::uint64_t> moment;  // as in RotatedName
  FileIdentity file;
  std::uint64_t size = 0;       // packed
  std::int64_t changed = 0;     // when it was written last, in ns since 1970
  std::int64_t renamed = 0;     // or written last, or given to another user
  bool has_other_name = false;  // it is known by the file that it is, not by its name
};

struct LogSearch {
  std::vector<std::string> folders{};  // more of them; absolute, or relative to the log's folder
  // Also in the folders below its own that hold no log of that name themselves.
  bool has_sub_folders = false;
  // These are its files, whatever their names, in its own folder and in that of the file it is a
  // link to.
  std::vector<FileIdentity> files{};
};

struct FoundRotations {
  std::vector<LogRotation> files;
  // A folder of former files that cannot be listed, or one of them of which nothing is known, and
  // why; empty: none.
  std::string unlisted;
  bool has_more = false;  // there are more than are given
};

// The files that the log at `path` was renamed or copied to (see rotated_name()), the oldest first:
// in its own folder, in that of the file it is a link to, and where the search says. A file that is
// there both packed and not is given once, not packed. Blocks. Throws IoError when this daemon is
// at fault.
FoundRotations rotations_of(const std::string& path, const LogSearch& search);

// Whether it came to be after the position was taken.
bool is_new(const LogRotation& rotation, const LogPosition& position);

// Whether the log came to be when this former file got its name: no other one, whose name says
// nothing either, was the log between the two.
bool is_next(const FileIdentity& log, const LogRotation& rotation);

// Whether it is that file, packed since then perhaps. Its text is no proof: many logs repeat
// themselves.
bool is_of(const LogRotation& rotation, const LateFile& late);

}  // namespace gonogo
