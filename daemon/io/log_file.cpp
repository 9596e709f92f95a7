#include "daemon/io/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/formats/digests.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

constexpr std::uint64_t head_bytes = 256;
// More text than this does not come out of one file: what is behind it is not read.
constexpr std::uint64_t most_unpacked = 8ULL << 30;
constexpr std::size_t most_kept = 16 << 20;
constexpr std::size_t one_piece = 64 << 10;

[[noreturn]] void throw_error(const std::string& path) {
  const int error = errno;
  const Reason reason = error == EACCES   ? Reason::permission
                        : error == ENOENT ? Reason::missing
                                          : Reason::error;
  throw IoError::of(error, reason, path + ": " + std::strerror(error));
}

}  // namespace

std::int64_t in_ns(const struct statx_timestamp& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

FileIdentity identity_of(const struct statx& info) {
  const bool is_known = (info.stx_mask & STATX_BTIME) != 0;
  return {makedev(info.stx_dev_major, info.stx_dev_minor), info.stx_ino,
          is_known ? in_ns(info.stx_btime) : 0};
}

// The text of a gzip file, several members one after another included. A file that is not packed,
// whatever its name, is given as it is.
class LogFile::Unpacker {
 public:
  explicit Unpacker(int descriptor) {
    const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (own < 0) throw_error("a packed log");
    file_ = ::gzdopen(own, "rb");
    if (file_ == nullptr) {
      ::close(own);
      throw std::bad_alloc();
    }
    ::gzbuffer(file_, 64 << 10);
  }
  ~Unpacker() { ::gzclose(file_); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  bool is_whole() const { return is_whole_; }

  std::string read(std::uint64_t offset, std::size_t most) {
    if (size_ && offset >= end_begin_)
      return end_.substr(std::min<std::uint64_t>(offset - end_begin_, end_.size()), most);
    return unpacked(offset, most);
  }

  // Its end is kept: it is what is read next, and often.
  std::uint64_t size() {
    if (size_) return *size_;
    while (true) {
      const std::string part = unpacked(end_begin_ + end_.size(), one_piece);
      if (part.empty()) break;
      end_ += part;
      if (end_.size() >= 2 * most_kept) forget(most_kept);
    }
    if (end_.size() > most_kept) forget(end_.size() - most_kept);
    size_ = end_begin_ + end_.size();
    return *size_;
  }

 private:
  void forget(std::size_t bytes) {
    end_.erase(0, bytes);
    end_begin_ += bytes;
  }

  std::string unpacked(std::uint64_t offset, std::size_t most) {
    if (offset < at_) {
      ::gzrewind(file_);
      at_ = 0;
    }
    std::array<char, one_piece> skipped;
    while (at_ < offset) {
      const auto wanted = std::min<std::uint64_t>(skipped.size(), offset - at_);
      if (take(skipped.data(), static_cast<std::size_t>(wanted)) == 0) return {};
    }
    std::string text(most, '\0');
    std::size_t size = 0;
    while (size < most) {
      const std::size_t part = take(text.data() + size, most - size);
      if (part == 0) break;
      size += part;
    }
    text.resize(size);
    return text;
  }

  std::size_t take(char* to, std::size_t most) {
    if (at_ >= most_unpacked) {
      is_whole_ = false;
      return 0;
    }
    const int part = ::gzread(file_, to, static_cast<unsigned>(most));
    if (part < static_cast<int>(most)) {
      int error = Z_OK;
      ::gzerror(file_, &error);
      if (error != Z_OK && error != Z_STREAM_END) is_whole_ = false;
    }
    if (part <= 0) return 0;
    at_ += static_cast<std::uint64_t>(part);
    return static_cast<std::size_t>(part);
  }

  gzFile file_ = nullptr;
  std::uint64_t at_ = 0;
  bool is_whole_ = true;
  std::optional<std::uint64_t> size_;
  std::string end_;
  std::uint64_t end_begin_ = 0;
};

LogFile::LogFile(std::string path, Packing packing) : path_(std::move(path)) {
  // The type is checked first, because opening a FIFO or a device can have effects.
  if (const mode_t mode = stat_file(path_).st_mode; !S_ISREG(mode))
    throw IoError(Reason::type, path_ + " is " + type_in_words(mode) + ", wanted a file");
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (descriptor_ < 0) throw_error(path_);
  try {
    struct statx info {};
    const unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
    if (::statx(descriptor_, "", AT_EMPTY_PATH, wanted, &info) != 0) throw_error(path_);
    identity_ = identity_of(info);
    bytes_ = info.stx_size;
    changed_ = in_ns(info.stx_mtime);
    if (packing == Packing::gzip) unpacker_ = std::make_unique<Unpacker>(descriptor_);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

LogFile::~LogFile() { ::close(descriptor_); }

std::uint64_t LogFile::size() { return unpacker_ ? unpacker_->size() : bytes_; }

std::string LogFile::read(std::uint64_t offset, std::size_t most) {
  if (unpacker_) return unpacker_->read(offset, most);
  std::string text(most, '\0');
  std::size_t size = 0;
  while (size < most) {
    const ssize_t part =
        ::pread(descriptor_, text.data() + size, most - size, static_cast<off_t>(offset + size));
    if (part < 0 && errno == EINTR) continue;
    if (part <= 0) break;
    size += static_cast<std::size_t>(part);
  }
  text.resize(size);
  return text;
}

std::uint64_t LogFile::next_data(std::uint64_t offset) const {
  if (unpacker_) return offset;
  const off_t data = ::lseek(descriptor_, static_cast<off_t>(offset), SEEK_DATA);
  return data < 0 ? offset : std::max(offset, static_cast<std::uint64_t>(data));
}

bool LogFile::is_whole() const { return !unpacker_ || unpacker_->is_whole(); }

std::string LogFile::digest(std::uint64_t offset, std::uint64_t size) {
  const std::string text = read(offset, static_cast<std::size_t>(size));
  if (text.size() < size) return {};
  return sha256_hex(text).substr(0, 16);
}

bool LogFile::holds(const LogPosition& position) {
  if (!unpacker_ && size() < position.offset) return false;
  if (position.head_size > 0 && digest(0, position.head_size) != position.head) return false;
  if (position.tail.empty())
    return position.offset == 0 || read(position.offset - 1, 1).size() == 1;
  return digest(position.offset - position.head_size, position.head_size) == position.tail;
}

bool LogFile::holds(const LateFile& late) {
  const std::uint64_t known = std::min(head_bytes, late.offset);
  return known == 0 || digest(late.offset - known, known) == late.tail;
}

LogPosition LogFile::position_at(std::uint64_t offset) {
  LogPosition position;
  position.file = identity_;
  position.offset = offset;
  position.changed = changed();
  position.head_size = std::min(head_bytes, offset);
  if (position.head_size == 0) return position;
  position.head = digest(0, position.head_size);
  position.tail = digest(offset - position.head_size, position.head_size);
  return position;
}

LateFile LogFile::late_at(std::uint64_t offset) {
  const std::uint64_t known = std::min(head_bytes, offset);
  return {identity_, offset, known == 0 ? "" : digest(offset - known, known), changed_};
}

}  // namespace gonogo
