#include "daemon/io/crontab_root.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/io/bounded_file.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_environment = 64 << 10;
constexpr int most_links = 16;

bool has_entry(const std::string& path) {
  struct stat info {};
  return ::lstat(path.c_str(), &info) == 0;
}

// What is before the usual place of a crontab, when that has a shell of its own.
std::string root_of(const std::string& crontab) {
  for (const char* place : {"/etc/crontab", "/etc/cron.d/", "/var/spool/cron/"}) {
    const std::size_t at = crontab.rfind(place);
    if (at == std::string::npos || at == 0) continue;
    std::string root = crontab.substr(0, at);
    if (has_entry(root + "/bin/sh")) return root;
  }
  return {};
}

}  // namespace

CrontabRoot::CrontabRoot(const std::string& crontab) : root_(root_of(crontab)) {}

std::string CrontabRoot::resolved(const std::string& path) const {
  std::string inside = path;
  for (int links = 0; !root_.empty() && links < most_links; ++links) {
    std::error_code error;
    const fs::path target = fs::read_symlink(root_ + inside, error);
    if (error) break;
    inside = (target.is_absolute() ? target : fs::path(inside).parent_path() / target).string();
  }
  return root_ + inside;
}

std::string CrontabRoot::refusal_of_shell(const std::string& shell) const {
  if (shell.empty()) return "it is empty";
  if (!shell.starts_with('/'))
    return "it is no absolute path, and cron does not search PATH for it";
  struct stat info {};
  if (::stat(resolved(shell).c_str(), &info) != 0) {
    // What may not be seen is not judged.
    if (errno != ENOENT && errno != ENOTDIR) return {};
    const bool has_more = shell.find_first_of(" \t;#\r") != std::string::npos;
    return std::string("there is no such file") +
           (has_more ? " (all of the value is the path: options and comments are not allowed)"
                     : "");
  }
  if (!S_ISREG(info.st_mode)) return std::string("it is ") + type_in_words(info.st_mode);
  return (info.st_mode & 0111U) != 0 ? "" : "it is not executable";
}

std::string CrontabRoot::name_of_program(const std::string& path) const {
  std::error_code missing;
  return fs::canonical(resolved(path), missing).filename();
}

std::optional<bool> CrontabRoot::exists(const std::string& path) const {
  if (!path.starts_with('/') || path.find('\0') != std::string::npos) return std::nullopt;
  struct stat info {};
  if (::stat(resolved(path).c_str(), &info) == 0) return true;
  return errno == ENOENT || errno == ENOTDIR ? std::optional(false) : std::nullopt;
}

std::vector<std::string> CrontabRoot::files_in(const std::string& folder) const {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(resolved(folder), error), end; !error && entry != end;
       entry.increment(error)) {
    std::string path = folder + "/";
    path += entry->path().filename().string();
    files.push_back(std::move(path));
  }
  std::sort(files.begin(), files.end());
  return files;
}

bool CrontabRoot::is_in_environment(const std::string& name) const {
  std::string text = "\n";
  try {
    text += read_bounded_file(root_ + "/etc/environment", largest_environment);
  } catch (const IoError&) {
    return false;
  }
  return text.find("\n" + name + "=") != std::string::npos ||
         text.find("export " + name + "=") != std::string::npos;
}

}  // namespace gonogo
