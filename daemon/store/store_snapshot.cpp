#include "daemon/store/store_snapshot.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace gonogo {
namespace {

constexpr int most_attempts = 100;
constexpr std::size_t wal_header_bytes = 32;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void refuse(const std::string& path, int error) {
  std::string text = path + ": " + std::strerror(error);
  if (error == EACCES || error == EPERM)
    text += " (read it as the user that gonogo runs as, or ask the daemon: leave --store out)";
  throw SqliteError(SQLITE_CANTOPEN, text);
}

// Not opened when it is a FIFO or a device.
int open_regular(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return fd;
  struct stat info {};
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) return fd;
  ::close(fd);
  throw SqliteError(SQLITE_CANTOPEN, path + ": no regular file, wanted a store of gonogo");
}

// What changes when the write-ahead log is begun anew: its header, and without one the size and
// time of the database.
std::string state_of(const std::string& path) {
  std::string state(wal_header_bytes, '\0');
  const Descriptor wal(::open((path + "-wal").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const ssize_t size = wal.get() < 0 ? 0 : ::pread(wal.get(), state.data(), state.size(), 0);
  if (size == static_cast<ssize_t>(wal_header_bytes)) return state;
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) refuse(path, errno);
  return std::to_string(info.st_size) + " " + std::to_string(info.st_mtim.tv_sec) + " " +
         std::to_string(info.st_mtim.tv_nsec);
}

// False when there is no such file.
bool copy_file(const std::string& from, const std::string& to) {
  const Descriptor source(open_regular(from));
  if (source.get() < 0) {
    if (errno == ENOENT) return false;
    refuse(from, errno);
  }
  const Descriptor target(
      ::open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (target.get() < 0) refuse(to, errno);
  std::vector<char> chunk(std::size_t{1} << 20);
  while (true) {
    const ssize_t size = ::read(source.get(), chunk.data(), chunk.size());
    if (size < 0) refuse(from, errno);
    if (size == 0) return true;
    std::string_view rest(chunk.data(), static_cast<std::size_t>(size));
    while (!rest.empty()) {
      const ssize_t written = ::write(target.get(), rest.data(), rest.size());
      if (written < 0) refuse(to, errno);
      rest.remove_prefix(static_cast<std::size_t>(written));
    }
  }
}

}  // namespace

// SQLite writes pages into the database only from its write-ahead log, which holds them until it is
// begun anew. So a database that was copied while that went on is put right by the copy of the log,
// if the log was not begun anew meanwhile. What was appended in part has no valid end and is passed
// over.
void StoreSnapshot::copy(const std::string& path) {
  const std::string to = folder_ + "/store";
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    const std::string before = state_of(path);
    if (!copy_file(path, to)) refuse(path, ENOENT);
    if (!copy_file(path + "-wal", to + "-wal")) ::unlink((to + "-wal").c_str());
    if (state_of(path) == before) return;
  }
  throw SqliteError(SQLITE_BUSY, path + ": is written to without a pause (try again later)");
}

StoreSnapshot::StoreSnapshot(const std::string& path) {
  std::error_code error;
  std::string folder = std::filesystem::temp_directory_path(error).string() + "/gonogo-XXXXXX";
  if (error || ::mkdtemp(folder.data()) == nullptr) refuse(folder, errno);
  folder_ = std::move(folder);
  try {
    // SQLite names the log after the file, not after a link to it.
    const std::string real = std::filesystem::canonical(path, error).string();
    if (error) refuse(path, error.value());
    copy(real);
    database_ =
        std::make_unique<SqliteDatabase>(folder_ + "/store", SqliteDatabase::Access::write, path);
    // Reading opens every file of the copy. They then live as long as they are open, also if this
    // process is killed.
    database_->run("PRAGMA locking_mode = EXCLUSIVE");
    database_->number("SELECT count(*) FROM sqlite_master");
    std::filesystem::remove_all(folder_, error);
  } catch (...) {
    std::filesystem::remove_all(folder_, error);
    throw;
  }
}

}  // namespace gonogo
