#include "daemon/config/file_pattern.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

#include "daemon/core/text.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

// The name that a file would have by the usual ending; empty: it ends otherwise.
std::string with_usual_ending(const std::string& name) {
  const std::string lower = lower_case(name);
  for (const std::string_view ending : {".yml", ".yaml"}) {
    if (lower.ends_with(ending)) return name.substr(0, name.size() - ending.size()) + ".yaml";
  }
  return {};
}

class Search {
 public:
  Search(const std::string& folder, const std::string& pattern)
      : places_{fs::path(pattern).is_absolute() ? "/" : folder} {
    for (const fs::path& part : fs::path(pattern).relative_path()) {
      if (!part.empty()) parts_.push_back(part.string());
    }
  }

  FilesFound found() {
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      is_last_ = i + 1 == parts_.size();
      std::vector<fs::path> next;
      for (const fs::path& place : places_) {
        if (is_pattern(parts_[i]))
          list(place, parts_[i], next);
        else if (!is_last_ || is_there(place / parts_[i]))
          next.push_back(place / parts_[i]);
      }
      is_wild_ = is_wild_ || is_pattern(parts_[i]);
      places_ = std::move(next);
    }
    for (const fs::path& place : places_) found_.files.push_back(place.lexically_normal().string());
    std::sort(found_.files.begin(), found_.files.end());
    std::sort(found_.skipped.begin(), found_.skipped.end());
    return std::move(found_);
  }

 private:
  // What is written out has to be there; what a pattern found may lack it.
  void complain(const fs::path& place, int error) {
    const bool is_missing = error == ENOENT || error == ENOTDIR;
    if (is_missing && is_wild_) return;
    const std::string name = on_one_line(place.lexically_normal().string());
    const std::string words = is_missing        ? " does not exist"
                              : error == EACCES ? " may not be read by this daemon"
                                                : std::string(": ") + std::strerror(error);
    found_.problems.push_back(name + words);
  }

  bool is_there(const fs::path& file) {
    struct stat info {};
    if (::lstat(file.c_str(), &info) == 0) return true;
    complain(file, errno);
    return false;
  }

  // A link that leads nowhere is none.
  bool is_folder(const fs::path& place) {
    struct stat info {};
    if (::stat(place.c_str(), &info) == 0) return S_ISDIR(info.st_mode);
    if (errno != ENOENT) complain(place, errno);
    return false;
  }

  void list(const fs::path& folder, const std::string& part, std::vector<fs::path>& next) {
    const auto close = [](DIR* open) { ::closedir(open); };
    const std::unique_ptr<DIR, decltype(close)> open(
        ::opendir(folder.empty() ? "." : folder.c_str()), close);
    if (!open) return complain(folder.empty() ? "." : folder, errno);
    errno = 0;
    while (const dirent* entry = ::readdir(open.get())) {
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      if (::fnmatch(part.c_str(), name.c_str(), FNM_PERIOD) == 0) {
        if (is_last_ || is_folder(folder / name)) next.push_back(folder / name);
      } else if (is_last_) {
        const std::string usual = with_usual_ending(name);
        if (!usual.empty() && ::fnmatch(part.c_str(), usual.c_str(), FNM_PERIOD) == 0)
          found_.skipped.push_back((folder / name).lexically_normal().string());
      }
      errno = 0;
    }
    if (errno != 0) complain(folder, errno);
  }

  std::vector<std::string> parts_;
  std::vector<fs::path> places_;
  bool is_wild_ = false;  // a pattern is among the parts that are done
  bool is_last_ = false;
  FilesFound found_;
};

}  // namespace

bool is_pattern(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

FilesFound find_files(const std::string& folder, const std::string& pattern) {
  return Search(folder, pattern).found();
}

}  // namespace gonogo
