#include "daemon/io/bounded_file.h"

#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"

namespace gonogo {
namespace {

[[noreturn]] void refuse(const std::string& path, int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: throw IoError(Reason::missing, path + " does not exist");
    case EACCES:
    case EPERM: throw IoError(Reason::permission, path + " may not be read by this daemon");
    case ELOOP: throw IoError(Reason::missing, path + " is a link that leads in a circle");
    default: throw IoError::of(error, Reason::error, path + ": " + std::strerror(error));
  }
}

struct Descriptor {
  explicit Descriptor(int number) : fd(number) {}
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

}  // namespace

std::vector<std::string> matching_paths(const std::string& pattern, int flags) {
  struct Found {
    ~Found() { ::globfree(&list); }
    ::glob_t list{};
  } found;
  // A folder that may not be read has no files for us; one that could not be opened for lack of
  // descriptors ends the search.
  static thread_local int own_error;
  own_error = 0;
  const auto on_error = [](const char*, int error) {
    if (is_own_error(error)) own_error = error;
    return own_error;
  };
  const int end = ::glob(pattern.c_str(), flags, on_error, &found.list);
  if (end == GLOB_NOSPACE) own_error = ENOMEM;
  if (own_error != 0) {
    throw IoError::cannot_judge(Reason::prober, pattern + ": " + std::strerror(own_error));
  }
  if (end == GLOB_NOMATCH) return {};
  if (end != 0) throw IoError(Reason::permission, pattern + " could not be listed");
  return {found.list.gl_pathv, found.list.gl_pathv + found.list.gl_pathc};
}

WallTime changed_at(const struct stat& info) {
  // Times further away would overflow when a difference is computed in nanoseconds.
  const std::int64_t seconds = std::clamp<std::int64_t>(info.st_mtim.tv_sec, 0, 9'000'000'000);
  return WallTime{std::chrono::seconds{seconds} +
                  std::chrono::microseconds{info.st_mtim.tv_nsec / 1000}};
}

const char* type_in_words(mode_t mode) {
  if (S_ISREG(mode)) return "a file";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  if (S_ISLNK(mode)) return "a link";
  return "of unknown type";
}

struct stat stat_file(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) refuse(path, errno);
  return info;
}

std::string read_bounded_file(const std::string& path, std::size_t limit) {
  // The type is checked before and after opening: opening a device can have effects.
  if (const mode_t mode = stat_file(path).st_mode; !S_ISREG(mode)) {
    throw IoError(Reason::type, path + " is " + type_in_words(mode) + ", wanted a file");
  }
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
  if (file.fd < 0) refuse(path, errno);
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) refuse(path, errno);
  if (!S_ISREG(info.st_mode)) {
    throw IoError(Reason::type, path + " is " + type_in_words(info.st_mode) + ", wanted a file");
  }
  std::string text;
  std::array<char, 16384> chunk{};
  while (true) {
    const ssize_t size = ::read(file.fd, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) refuse(path, errno);
    if (size == 0) return text;
    text.append(chunk.data(), static_cast<std::size_t>(size));
    if (text.size() > limit) {
      throw IoError(Reason::threshold,
                    path + " is larger than the " + std::to_string(limit) + " bytes it may have");
    }
  }
}

}  // namespace gonogo
