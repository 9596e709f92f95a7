#include "daemon/io/log_rotations.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/own_errors.h"
#include "daemon/io/log_file.h"

namespace gonogo {
namespace {

constexpr std::size_t most_rotations = 2000;
constexpr std::size_t most_sub_folders = 200;
constexpr std::int64_t opening = 10'000'000'000;  // a program opens the log anew

class Rotations {
 public:
  void look_into(const std::string& folder, const std::string& log,
                 const std::vector<FileIdentity>& files = {}) {
    const std::string error = each_entry(folder, [&](const dirent& entry) {
      if (found_.size() >= most_rotations) has_more_ = true;
      if (has_more_ || log == entry.d_name) return !has_more_;
      RotatedName other = rotated_name(log, entry.d_name);
      const auto may_be = [&](const FileIdentity& file) { return file.inode == entry.d_ino; };
      if (other.is_rotation) {
        add(folder, entry.d_name, std::move(other));
      } else if (std::any_of(files.begin(), files.end(), may_be)) {
        other.plain_size = other.marked_size = std::strlen(entry.d_name);
        add(folder, entry.d_name, std::move(other), &files);
      }
      return true;
    });
    if (!error.empty()) note_unlisted(folder.substr(0, folder.size() - 1), error);
  }

  void look_below(const std::string& folder, const std::string& log) {
    const std::string unlisted = unlisted_;
    std::vector<std::string> found;
    each_entry(folder, [&](const dirent& entry) {
      const std::string_view name = entry.d_name;
      const bool may_be = entry.d_type == DT_DIR || entry.d_type == DT_UNKNOWN;
      if (may_be && !name.starts_with('.')) found.push_back(folder + entry.d_name + "/");
      return found.size() < most_sub_folders;
    });
    for (const std::string& each : found) {
      struct stat info {};
      // Where a log of the same name is written, the former files are that log's.
      if (::lstat((each + log).c_str(), &info) != 0 && errno == ENOENT) look_into(each, log);
    }
    // Other folders may be anybody's.
    unlisted_ = unlisted;
  }

  FoundRotations sorted() {
    forget_twins();
    const auto has_moment = [](const LogRotation& each) { return !each.moment.empty(); };
    const bool by_name = std::all_of(found_.begin(), found_.end(), has_moment);
    std::stable_sort(found_.begin(), found_.end(), [&](const auto& a, const auto& b) {
      // Whoever packs several files may begin with the youngest: the names are surer then.
      if (by_name && a.moment != b.moment) return a.moment < b.moment;
      return a.changed < b.changed;
    });
    return {std::move(found_), std::move(unlisted_), has_more_};
  }

 private:
  // Gives why the folder cannot be listed; empty when it can.
  template <typename Take>
  static std::string each_entry(const std::string& folder, const Take& take) {
    const std::unique_ptr<DIR, int (*)(DIR*)> open(::opendir(folder.c_str()), ::closedir);
    if (!open) {
      const int error = errno;
      if (is_own_error(error))
        throw IoError::cannot_judge(Reason::prober, folder + ": " + std::strerror(error));
      return std::strerror(error);
    }
    while (const dirent* entry = ::readdir(open.get())) {
      if (!take(*entry)) break;
    }
    return {};
  }

  // Only if it is one of `files`, where they are given.
  void add(const std::string& folder, const std::string& name, RotatedName rotated,
           const std::vector<FileIdentity>* files = nullptr) {
    LogRotation rotation;
    rotation.path = folder + name;
    struct statx info {};
    const unsigned wanted = STATX_BASIC_STATS | STATX_BTIME;
    if (::statx(AT_FDCWD, rotation.path.c_str(), 0, wanted, &info) != 0) {
      if (errno != ENOENT) note_unlisted(rotation.path, std::strerror(errno));
      return;
    }
    rotation.file = identity_of(info);
    const auto is_same = [&](const LogRotation& each) { return each.file == rotation.file; };
    const auto is_it = [&](const FileIdentity& file) { return file.is_that_of(rotation.file); };
    if (files != nullptr && std::none_of(files->begin(), files->end(), is_it)) return;
    if (!S_ISREG(info.stx_mode) || std::any_of(found_.begin(), found_.end(), is_same)) return;
    rotation.plain_path = folder + name.substr(0, rotated.plain_size);
    rotation.marked_path = folder + name.substr(0, rotated.marked_size);
    rotation.packing = rotated.packing;
    rotation.moment = std::move(rotated.moment);
    rotation.size = info.stx_size;
    rotation.changed = in_ns(info.stx_mtime);
    rotation.renamed = in_ns(info.stx_ctime);
    rotation.has_other_name = files != nullptr;
    found_.push_back(std::move(rotation));
  }

  void note_unlisted(const std::string& path, const std::string& error) {
    if (unlisted_.empty()) unlisted_ = path + ": " + error;
  }

  // While a file is being packed, it is there twice, and the packed one is not whole. People copy
  // app.log.1 to app.log.1.bak.
  void forget_twins() {
    std::set<std::string> plain;
    std::set<std::string> marked;
    for (const LogRotation& each : found_) {
      if (each.packing == Packing::none) plain.insert(each.path);
      if (each.marked_path == each.plain_path) marked.insert(each.plain_path);
    }
    std::erase_if(found_, [&](const LogRotation& each) {
      return (each.packing != Packing::none && plain.count(each.plain_path) > 0) ||
             (each.marked_path != each.plain_path && marked.count(each.marked_path) > 0);
    });
  }

  std::vector<LogRotation> found_;
  std::string unlisted_;
  bool has_more_ = false;
};

struct Place {
  std::string folder;  // with a slash at its end
  std::string name;
};

Place place_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {"./", path};
  return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

// That of the file which a link leads to; nothing where it is none.
std::optional<Place> target_of(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0 || !S_ISLNK(info.st_mode)) return std::nullopt;
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(path.c_str(), nullptr), std::free);
  return real ? std::optional(place_of(real.get())) : std::nullopt;
}

}  // namespace

FoundRotations rotations_of(const std::string& path, const LogSearch& search) {
  Rotations rotations;
  const Place own = place_of(path);
  // Where it is not known when a file was made, another may have its number.
  std::vector<FileIdentity> known = search.files;
  std::erase_if(known, [](const FileIdentity& file) { return file.born == 0; });
  rotations.look_into(own.folder, own.name, known);
  for (const std::string& folder : search.folders)
    rotations.look_into((folder.starts_with('/') ? "" : own.folder) + folder + "/", own.name);
  if (search.has_sub_folders) rotations.look_below(own.folder, own.name);
  if (const auto target = target_of(path)) {
    rotations.look_into(target->folder, target->name, search.files);
    if (search.has_sub_folders) rotations.look_below(target->folder, target->name);
  }
  FoundRotations found = rotations.sorted();
  // Where a link leads to one file after another, no name says more than another.
  const bool is_link = target_of(path).has_value();
  for (LogRotation& each : found.files) each.has_other_name = each.has_other_name && !is_link;
  return found;
}

bool is_next(const FileIdentity& log, const LogRotation& rotation) {
  return log.born < rotation.renamed + opening;
}

bool is_of(const LogRotation& rotation, const LateFile& late) {
  if (rotation.file.is_that_of(late.file)) return true;
  if (rotation.packing == Packing::none) return false;
  if (!late.moment.empty()) return rotation.moment == late.moment;
  return late.changed != 0 && rotation.changed == late.changed;
}

bool is_new(const LogRotation& rotation, const LogPosition& position) {
  if (position.newest == 0) return false;
  // Packing makes a new file of an old one. gzip and logrotate leave it the time of its last line,
  // other programs do not; they write a date into the name.
  const bool is_packed = rotation.packing != Packing::none;
  if (is_packed && !rotation.moment.empty() && !position.newest_moment.empty())
    return rotation.moment > position.newest_moment;
  const bool is_born_before = rotation.file.born != 0 && rotation.file.born <= position.newest;
  return rotation.changed > position.newest && !is_born_before;
}

}  // namespace gonogo
