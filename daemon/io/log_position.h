// Where reading of a log stopped. It is small, so that it can be kept across restarts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gonogo {

// Which file it is, under whatever name. Inodes are given again: by when it was made they differ.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born = 0;  // in ns since 1970; 0 where it is not known

  bool is_that_of(const FileIdentity& other) const {
    const bool is_older = born != 0 && other.born != 0 && born != other.born;
    return device == other.device && inode == other.inode && !is_older;
  }
  bool operator==(const FileIdentity&) const = default;
};

// A former file that was read. It may still be written to, until its program opens the log anew.
struct LateFile {
  FileIdentity file;
  std::uint64_t offset = 0;             // what is behind it has not been read
  std::string tail;                     // digest of the bytes before `offset`
  std::int64_t changed = 0;             // as of LogPosition
  std::vector<std::uint64_t> moment{};  // in its name

  bool operator==(const LateFile&) const = default;
};

struct LogPosition {
  FileIdentity file;
  std::uint64_t offset = 0;     // after the last line that was given, of the unpacked text
  std::string head;             // digest of the file's first bytes: they differ in a new file
  std::uint64_t head_size = 0;  // how many bytes `head` is the digest of
  std::string tail;             // digest of as many bytes before `offset`; empty: not known

  std::int64_t changed = 0;     // when the file was written last, in ns since 1970; 0: not known
  std::uint64_t end = 0;        // how long the log was then; 0: not known
  bool is_within_line = false;  // what follows, up to the next line end, belongs to that line
  // What has come since then is a former file of the log that was not read: when the log and its
  // former files were written last, and the latest date in their names.
  std::int64_t newest = 0;  // 0: not known
  std::vector<std::uint64_t> newest_moment{};
  std::vector<LateFile> late{};

  bool operator==(const LogPosition&) const = default;
};

}  // namespace gonogo
