#include "daemon/io/log_reader.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/rotated_name.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

constexpr std::size_t most_siblings = 2000;
constexpr std::uint64_t head_bytes = 256;

class LogFile {
 public:
  explicit LogFile(std::string path) : path_(std::move(path)) {
    // The type is checked first, because opening a FIFO or a device can have effects.
    if (const mode_t mode = stat_file(path_).st_mode; !S_ISREG(mode)) {
      throw IoError(Reason::type, path_ + " is " + type_in_words(mode) + ", wanted a file");
    }
    descriptor_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (descriptor_ < 0 || ::fstat(descriptor_, &info_) != 0) {
      const int error = errno;
      const Reason reason = error == EACCES   ? Reason::permission
                            : error == ENOENT ? Reason::missing
                                              : Reason::error;
      throw IoError::of(error, reason, path_ + ": " + std::strerror(error));
    }
  }
  ~LogFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  std::uint64_t size() const { return static_cast<std::uint64_t>(info_.st_size); }
  const struct stat& info() const { return info_; }
  bool is(const LogPosition& position) const {
    return info_.st_dev == position.device && info_.st_ino == position.inode;
  }

  std::string read(std::uint64_t offset, std::size_t most) const {
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

  // Of `size` bytes from `offset` on; empty when the file has not as many.
  std::string digest(std::uint64_t offset, std::uint64_t size) const {
    const std::string text = read(offset, static_cast<std::size_t>(size));
    if (text.size() < size) return {};
    return sha256_hex(text).substr(0, 16);
  }
  // True when what was read up to the position is in this file. The first bytes alone do not prove
  // it: many logs begin with the same lines after each rotation.
  bool holds(const LogPosition& position) const {
    if (size() < position.offset) return false;
    if (position.head_size > 0 && digest(0, position.head_size) != position.head) return false;
    return position.tail.empty() ||
           digest(position.offset - position.head_size, position.head_size) == position.tail;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
  struct stat info_ {};
};

class NewLines {
 public:
  NewLines(const std::string& path, const LogBounds& bounds,
           const std::function<void(std::string_view)>& take)
      : path_(path), bounds_(bounds), take_(take) {}

  LogReading read(const std::optional<LogPosition>& former) {
    auto current = std::make_unique<LogFile>(path_);
    std::uint64_t from = 0;
    if (!former) {
      from = first_offset(*current);
    } else if (current->is(*former) && current->holds(*former)) {
      from = former->offset;
    } else {
      read_what_was_moved(*former, *current);
      // The bound was reached in a former file: the next reading goes on there.
      if (reading_.left > 0) return std::move(reading_);
    }
    read_from(*current, from);
    return std::move(reading_);
  }

 private:
  // Where the first reading of a log begins: after the first line end in its last part.
  std::uint64_t first_offset(const LogFile& file) const {
    if (file.size() <= bounds_.first_reading) return 0;
    const std::uint64_t from = file.size() - bounds_.first_reading;
    const std::string part = file.read(
        from, std::min(bounds_.longest_line, static_cast<std::size_t>(bounds_.first_reading)));
    const std::size_t end = part.find('\n');
    return end == std::string::npos ? file.size() : from + end + 1;
  }

  void read_from(const LogFile& file, std::uint64_t from) {
    std::uint64_t offset = from;
    const bool has_all_of_the_bound = reading_.bytes == 0;
    std::string pending;
    while (offset + pending.size() < file.size() && reading_.bytes < bounds_.most_bytes) {
      const std::string part =
          file.read(offset + pending.size(),
                    std::min<std::uint64_t>(64 << 10, bounds_.most_bytes - reading_.bytes));
      if (part.empty()) break;
      reading_.bytes += part.size();
      pending += part;
      std::size_t begin = 0;
      for (std::size_t end = pending.find('\n'); end != std::string::npos;
           end = pending.find('\n', begin)) {
        take_line(std::string_view(pending).substr(begin, end - begin));
        begin = end + 1;
      }
      pending.erase(0, begin);
      offset += begin;
      if (pending.size() > bounds_.longest_line) {
        // A line that is too long is taken in pieces.
        take_line(pending);
        offset += pending.size();
        pending.clear();
      }
    }
    if (offset == from && has_all_of_the_bound && reading_.bytes >= bounds_.most_bytes) {
      // The line is longer than one reading: without this it would never be passed.
      take_line(pending);
      offset += pending.size();
      pending.clear();
    }
    const std::uint64_t unread = file.size() - std::min(file.size(), offset + pending.size());
    if (reading_.bytes >= bounds_.most_bytes) reading_.left += unread;
    remember(file, offset);
  }

  void take_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    ++reading_.lines;
    take_(line.substr(0, bounds_.longest_line));
  }

  void remember(const LogFile& file, std::uint64_t offset) {
    LogPosition& position = reading_.position;
    position.device = file.info().st_dev;
    position.inode = file.info().st_ino;
    position.offset = offset;
    position.head_size = std::min(head_bytes, offset);
    if (position.head_size == 0) return;
    position.head = file.digest(0, position.head_size);
    position.tail = file.digest(offset - position.head_size, position.head_size);
  }

  // The log was rotated: reads the rest of its former file, which has a new name now (or whose
  // content was copied before it was truncated), and all of the files that came after that one.
  void read_what_was_moved(const LogPosition& former, const LogFile& current) {
    const std::vector<Sibling> siblings = siblings_of(current);
    const auto is_it = [&former](const Sibling& sibling) {
      return sibling.info.st_dev == former.device && sibling.info.st_ino == former.inode &&
             LogFile(sibling.path).holds(former);
    };
    // Without a head there is nothing to recognise a copy by.
    const auto is_copy = [&former](const Sibling& sibling) {
      return former.head_size > 0 && LogFile(sibling.path).holds(former);
    };
    auto found = std::find_if(siblings.begin(), siblings.end(), is_it);
    if (found == siblings.end()) found = std::find_if(siblings.begin(), siblings.end(), is_copy);
    reading_.lost_some = found == siblings.end();
    for (auto next = found; next != siblings.end() && reading_.left == 0; ++next)
      read_from(LogFile(next->path), next == found ? former.offset : 0);
  }

  // A former file of the log.
  struct Sibling {
    std::string path;
    struct stat info {};
  };

  // The oldest comes first.
  std::vector<Sibling> siblings_of(const LogFile& current) const {
    std::vector<Sibling> siblings;
    for (const std::string& path : sibling_paths()) {
      Sibling sibling{path, {}};
      const bool is_file =
          ::stat(path.c_str(), &sibling.info) == 0 && S_ISREG(sibling.info.st_mode);
      const bool is_current = sibling.info.st_ino == current.info().st_ino;
      if (is_file && !is_current) siblings.push_back(std::move(sibling));
    }
    std::sort(siblings.begin(), siblings.end(), [](const Sibling& a, const Sibling& b) {
      return std::pair(a.info.st_mtim.tv_sec, a.info.st_mtim.tv_nsec) <
             std::pair(b.info.st_mtim.tv_sec, b.info.st_mtim.tv_nsec);
    });
    return siblings;
  }

  std::vector<std::string> sibling_paths() const {
    const std::size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "./" : path_.substr(0, slash + 1);
    const std::string name = slash == std::string::npos ? path_ : path_.substr(slash + 1);
    std::vector<std::string> paths;
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
    if (!open) {
      // Without the right to list the folder, former files are out of reach: some lines are lost.
      const int error = errno;
      if (is_own_error(error)) {
        throw IoError::cannot_judge(Reason::prober, folder + ": " + std::strerror(error));
      }
      return paths;
    }
    while (const dirent* entry = ::readdir(open.get())) {
      const RotatedName other = rotated_name(name, entry->d_name);
      if (other.is_rotation && !other.is_packed) paths.push_back(folder + entry->d_name);
      if (paths.size() >= most_siblings) break;
    }
    return paths;
  }

  const std::string& path_;
  const LogBounds& bounds_;
  const std::function<void(std::string_view)>& take_;
  LogReading reading_;
};

}  // namespace

LogReading read_new_lines(const std::string& path, const std::optional<LogPosition>& former,
                          const LogBounds& bounds,
                          const std::function<void(std::string_view)>& take) {
  return NewLines(path, bounds, take).read(former);
}

}  // namespace gonogo
