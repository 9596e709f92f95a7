// One file of a log, opened for reading: the log itself or a former one, which may be packed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "daemon/formats/rotated_name.h"
#include "daemon/io/log_position.h"

struct statx;
struct statx_timestamp;

namespace gonogo {

// Of statx(2).
std::int64_t in_ns(const struct statx_timestamp& time);
FileIdentity identity_of(const struct statx& info);

// Every function blocks: use it on the pool. Offsets are those of the unpacked text.
class LogFile {
 public:
  // Throws IoError (missing, permission, type).
  explicit LogFile(std::string path, Packing packing = Packing::none);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  const std::string& path() const { return path_; }
  const FileIdentity& identity() const { return identity_; }
  bool is_packed() const { return unpacker_ != nullptr; }
  std::int64_t changed() const { return changed_; }  // when it was written last, in ns since 1970

  // How many bytes it had when it was opened. A packed file is unpacked for that.
  std::uint64_t size();
  // Fewer than `most` at the end of the file alone.
  std::string read(std::uint64_t offset, std::size_t most);
  // Where the first byte is, from `offset` on, that is in no hole of the file.
  std::uint64_t next_data(std::uint64_t offset) const;
  // False after reading has met the end of a packed file that is broken, cut or too long to unpack.
  bool is_whole() const;

  // True when what was read up to the position is in this file. The first bytes alone do not prove
  // it: many logs begin with the same lines after each rotation.
  bool holds(const LogPosition& position);
  bool holds(const LateFile& late);

  LogPosition position_at(std::uint64_t offset);
  LateFile late_at(std::uint64_t offset);

 private:
  class Unpacker;
  // Of `size` bytes from `offset` on; empty when the file has not as many.
  std::string digest(std::uint64_t offset, std::uint64_t size);

  std::string path_;
  int descriptor_ = -1;
  FileIdentity identity_;
  std::uint64_t bytes_ = 0;
  std::int64_t changed_ = 0;
  std::unique_ptr<Unpacker> unpacker_;
};

}  // namespace gonogo
