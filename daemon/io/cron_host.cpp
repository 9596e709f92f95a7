#include "daemon/io/cron_host.h"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "daemon/core/io_error.h"
#include "daemon/core/text.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/file_mode.h"
#include "daemon/io/systemd_bus.h"

namespace gonogo {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t largest_program = 2 << 20;

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
std::string folder_of(const std::string& path) {
  return path.substr(0, path.size() - name_of(path).size());
}

bool is_in_cron_d(const std::string& path) { return folder_of(path).ends_with("/cron.d/"); }

// Cronie reads CRON_TZ, and so its program holds the word.
std::optional<CronFlavour> flavour_of(const char* program) {
  try {
    const std::string bytes = read_bounded_file(program, largest_program);
    return bytes.find("CRON_TZ") == std::string::npos ? CronFlavour::debian : CronFlavour::cronie;
  } catch (const IoError& broken) {
    if (!broken.can_judge()) throw;
    return std::nullopt;
  }
}

// Whether the program of a process is a cron. A script of that name has its interpreter there; what
// cannot be read (processes of others, without root) is not held against it.
bool has_program_of_cron(const fs::path& folder) {
  std::error_code error;
  std::string program = fs::read_symlink(folder / "exe", error).filename();
  if (error) return true;
  constexpr std::string_view gone = " (deleted)";
  if (program.ends_with(gone)) program.resize(program.size() - gone.size());
  return program == "cron" || program == "crond" || program == "busybox";
}

// The name of a process, when it is one of this daemon's own namespace: a container's cron reads
// other tables.
std::string own_process_name(const fs::path& folder) {
  std::ifstream status(folder / "status");
  std::string name;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Name:\t")) name = line.substr(6);
    if (line.starts_with("State:\tZ")) return {};
    if (!line.starts_with("NSpid:\t")) continue;
    const std::string ids(trimmed(std::string_view(line).substr(7)));
    return ids.find_first_of(" \t") == std::string::npos ? name : std::string();
  }
  return name;
}

// Nothing when the processes of others are hidden.
std::optional<bool> has_cron_process() {
  std::error_code error;
  if (!fs::exists("/proc/1/status", error)) return std::nullopt;
  for (fs::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string id = entry->path().filename().string();
    if (id.find_first_not_of("0123456789") != std::string::npos) continue;
    const std::string name = own_process_name(entry->path());
    const bool is_named = name == "cron" || name == "crond";
    if (is_named && has_program_of_cron(entry->path())) return true;
  }
  if (error) return std::nullopt;
  return false;
}

std::optional<bool> has_cron_unit(Duration timeout) {
  try {
    SystemdBus bus(timeout);
    for (const char* unit : {"cron.service", "crond.service", "cronie.service"}) {
      if (bus.unit(unit).active_state == "active") return true;
    }
    return false;
  } catch (const IoError& broken) {
    if (!broken.can_judge()) throw;
    return std::nullopt;
  }
}

std::optional<uid_t> id_of(const std::string& name) {
  std::array<char, 16 << 10> buffer{};
  struct passwd entry {};
  struct passwd* found = nullptr;
  const int error = ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr && error != 0 && error != ENOENT && error != ESRCH)
    throw IoError::of(error, Reason::error, "the users of this host could not be asked");
  return found == nullptr ? std::nullopt : std::optional(found->pw_uid);
}

std::string refusal_by_name(const std::string& name, CronFlavour flavour) {
  if (flavour == CronFlavour::debian) {
    const bool is_good = name.find_first_not_of(
                             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                             "0123456789_-") == std::string::npos;
    return is_good ? "" : "its name may hold letters, digits, - and _ only";
  }
  const bool is_bad = name.starts_with('.') || name.starts_with('#') || name.ends_with('~') ||
                      name.ends_with(".rpmsave") || name.ends_with(".rpmorig") ||
                      name.ends_with(".rpmnew");
  return is_bad ? "its name is that of a copy" : "";
}

// Cron wants root; whoever keeps a copy elsewhere may own it as well.
bool is_root_or_own(const std::string& path, uid_t owner) {
  const bool is_cron_s = path.starts_with("/etc/") || path.starts_with("/var/spool/cron/");
  return owner == 0 || (!is_cron_s && owner == ::geteuid());
}

std::string refusal_by_mode(mode_t mode, bool is_of_user, CronFlavour flavour) {
  const mode_t bits = mode & 07777U;
  if (flavour == CronFlavour::cronie) {
    const bool is_good = (bits & 07533U) == 0400U;
    return is_good ? "" : "its mode is " + octal(bits) + ", expected such as 0600 or 0644";
  }
  if (is_of_user) return bits == 0600U ? "" : "its mode is " + octal(bits) + ", expected 0600";
  const bool is_open = (bits & (S_IWGRP | S_IWOTH)) != 0;
  return is_open ? "its mode is " + octal(bits) + ", others than its owner may write it" : "";
}

}  // namespace

CronFlavour installed_cron() {
  for (const char* program : {"/usr/sbin/cron", "/usr/sbin/crond", "/usr/bin/crond"}) {
    if (const auto flavour = flavour_of(program)) return *flavour;
  }
  return CronFlavour::debian;
}

std::optional<bool> is_cron_running(Duration timeout) {
  if (const auto seen = has_cron_process()) return seen;
  return has_cron_unit(timeout);
}

bool is_user_of_host(const std::string& name) { return id_of(name).has_value(); }

std::string owner_of_crontab(const std::string& path) {
  const std::string folder = folder_of(path);
  const bool is_spool = folder.ends_with("/crontabs/") || folder.ends_with("/spool/cron/");
  return is_spool ? name_of(path) : std::string();
}

std::string refusal_of_crontab(const std::string& path, CronFlavour flavour) {
  const bool is_debian = flavour == CronFlavour::debian;
  const std::string owner = owner_of_crontab(path);
  if (is_in_cron_d(path)) {
    std::string refusal = refusal_by_name(name_of(path), flavour);
    if (!refusal.empty()) return refusal;
  }
  const auto user = owner.empty() ? std::nullopt : id_of(owner);
  if (!owner.empty() && !user) return "this host has no user " + in_quotes(owner);
  struct stat link {};
  if (::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode) && is_debian) {
    if (user) return "it is a link";
    if (!is_root_or_own(path, link.st_uid)) return "it is a link that does not belong to root";
  }
  const struct stat info = stat_file(path);
  if (!S_ISREG(info.st_mode)) return std::string("it is ") + type_in_words(info.st_mode);
  const bool is_good_owner = is_root_or_own(path, info.st_uid) || (user && info.st_uid == *user);
  if (!is_good_owner) {
    return "it belongs to " + user_name(info.st_uid) + ", expected root" +
           (user ? " or " + in_quotes(owner) : "");
  }
  std::string refusal = refusal_by_mode(info.st_mode, user.has_value(), flavour);
  if (!refusal.empty()) return refusal;
  if (info.st_nlink != 1 && (is_debian || user)) return "it has more than one hard link";
  return {};
}

}  // namespace gonogo
