#include "daemon/io/file_stamp.h"

#include <dirent.h>
#include <sys/stat.h>
#include <ctime>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "daemon/formats/digests.h"

namespace gonogo {
namespace {

// Of a folder; beyond, its own time has to suffice.
constexpr std::size_t most_entries = 5000;
// File systems keep times in steps: two changes within one step have one time.
constexpr std::int64_t finest_step = 50'000'000;

std::int64_t nanoseconds(const struct timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

std::string stamp_of(const struct stat& info) {
  std::string stamp;
  for (const std::uint64_t number :
       {static_cast<std::uint64_t>(info.st_dev), static_cast<std::uint64_t>(info.st_ino),
        static_cast<std::uint64_t>(info.st_size), static_cast<std::uint64_t>(info.st_mode),
        static_cast<std::uint64_t>(nanoseconds(info.st_mtim)),
        static_cast<std::uint64_t>(nanoseconds(info.st_ctim))})
    stamp += std::to_string(number) + ":";
  struct timespec now {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const std::int64_t age = nanoseconds(now) - nanoseconds(info.st_ctim);
  if (age >= 0 && age < finest_step) stamp += "fresh";
  return stamp;
}

std::string stamp_of_entries(const std::string& folder) {
  std::vector<std::string> entries;
  if (DIR* const open = ::opendir(folder.c_str())) {
    while (const dirent* entry = ::readdir(open)) {
      if (entries.size() >= most_entries) break;
      struct stat info {};
      const std::string path = folder + "/" + static_cast<const char*>(entry->d_name);
      const std::string name = static_cast<const char*>(entry->d_name);
      if (name == "." || name == "..") continue;
      entries.push_back(name + " " +
                        (::stat(path.c_str(), &info) == 0 ? stamp_of(info) : "missing"));
    }
    ::closedir(open);
  }
  std::sort(entries.begin(), entries.end());
  std::string all;
  for (const std::string& entry : entries) all += entry + "\n";
  return sha256_hex(all);
}

}  // namespace

std::string stamp_of(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return "error " + std::to_string(errno);
  std::string stamp = stamp_of(info);
  if (S_ISDIR(info.st_mode)) stamp += stamp_of_entries(path);
  return stamp;
}

FileStamps stamps_of(const std::vector<std::string>& paths) {
  FileStamps stamps;
  for (const std::string& path : paths) stamps[path] = stamp_of(path);
  return stamps;
}

}  // namespace gonogo
