#include "probes/file.h"

#include <glob.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <utility>

#include "daemon/core/text.h"
#include "daemon/core/units.h"
#include "daemon/formats/digests.h"
#include "daemon/formats/pattern.h"
#include "daemon/io/blocking_pool.h"
#include "daemon/io/bounded_file.h"
#include "daemon/io/file_mode.h"
#include "daemon/io/subprocess.h"
#include "probes/resources.h"

namespace gonogo {
namespace asio = boost::asio;

namespace {

struct FileSettings {
  std::string path;
  std::string glob;
  bool absent = false;
  std::string type;
  std::optional<mode_t> mode;
  std::optional<mode_t> max_mode;
  std::optional<mode_t> min_mode;
  std::optional<UserIdentity> writer;
  std::string writer_name;
  bool executable = false;
  std::string owner;
  std::string group;
  std::optional<std::int64_t> min_size;
  std::optional<std::int64_t> max_size;
  std::optional<Duration> max_age;
  std::optional<std::int64_t> min_count;
  std::optional<std::int64_t> max_count;
  std::string pick;  // which of the glob's matches is judged
  std::optional<std::int64_t> min_total_size;
  std::optional<std::int64_t> max_total_size;
  std::vector<Pattern> contains;
  std::vector<Pattern> contains_not;
  std::optional<std::string> equals;
  std::string sha256;
  std::string same_as;
  std::size_t max_read = 1 << 20;

  bool asks_content() const {
    return !contains.empty() || !contains_not.empty() || equals || !sha256.empty() ||
           !same_as.empty();
  }
};

struct Seen {
  std::string path;  // with a glob, the picked match
  struct stat info {};
  std::int64_t count = 1;
  std::int64_t total_size = 0;
};

// Whether `pick` prefers `a` to `b`.
bool is_preferred(const std::string& pick, const struct stat& a, const struct stat& b) {
  const auto is_later = [](const timespec& x, const timespec& y) {
    return x.tv_sec != y.tv_sec ? x.tv_sec > y.tv_sec : x.tv_nsec > y.tv_nsec;
  };
  if (pick == "oldest") return is_later(b.st_mtim, a.st_mtim);
  if (pick == "largest") return a.st_size > b.st_size;
  if (pick == "smallest") return a.st_size < b.st_size;
  return is_later(a.st_mtim, b.st_mtim);
}

// The files that match, and the one that `pick` names.
Seen picked_of(const std::string& pattern, const std::string& pick) {
  Seen seen;
  seen.count = 0;
  for (std::string& path : matching_paths(pattern, GLOB_NOSORT)) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) continue;  // removed meanwhile
    ++seen.count;
    seen.total_size += info.st_size;
    if (seen.path.empty() || is_preferred(pick, info, seen.info)) {
      seen.path = std::move(path);
      seen.info = info;
    }
  }
  return seen;
}

std::optional<Finding> type_complaint(const FileSettings& wanted, const Seen& seen) {
  const bool fits = wanted.type == "any" || (wanted.type == "file" && S_ISREG(seen.info.st_mode)) ||
                    (wanted.type == "directory" && S_ISDIR(seen.info.st_mode)) ||
                    (wanted.type == "socket" && S_ISSOCK(seen.info.st_mode));
  if (fits) return std::nullopt;
  return Finding::fail(Reason::type, seen.path + " is " + type_in_words(seen.info.st_mode) +
                                         ", wanted a " + wanted.type);
}

// Judges by owner, group and mode of the file and of every folder above it. Access lists are rare
// and are not read.
bool may_write(const Seen& seen, const UserIdentity& user) {
  const auto has_right = [&user](const struct stat& info, mode_t right) {
    if (user.user == 0) return true;
    if (info.st_uid == user.user) return (info.st_mode & (right << 6)) != 0;
    const bool is_member =
        std::find(user.groups.begin(), user.groups.end(), info.st_gid) != user.groups.end();
    return (info.st_mode & (is_member ? right << 3 : right)) != 0;
  };
  constexpr mode_t writes = 2;
  constexpr mode_t enters = 1;
  struct statvfs file_system {};
  if (::statvfs(seen.path.c_str(), &file_system) == 0 && (file_system.f_flag & ST_RDONLY) != 0)
    return false;
  if (!has_right(seen.info, writes)) return false;
  for (std::size_t slash = seen.path.rfind('/'); slash != std::string::npos && slash > 0;
       slash = seen.path.rfind('/', slash - 1)) {
    struct stat folder {};
    const std::string above = seen.path.substr(0, slash);
    if (::stat(above.c_str(), &folder) != 0 || !has_right(folder, enters)) return false;
  }
  return true;
}

std::optional<Finding> access_complaint(const FileSettings& wanted, const Seen& seen) {
  const mode_t mode = seen.info.st_mode & 07777;
  const auto fail = [&seen](const std::string& text) {
    return Finding::fail(Reason::permission, seen.path + " " + text);
  };
  if (wanted.mode && mode != *wanted.mode)
    return fail("has mode " + octal(mode) + ", wanted " + octal(*wanted.mode));
  if (wanted.max_mode && (mode & ~*wanted.max_mode) != 0) {
    return fail("has mode " + octal(mode) + ", wanted no more than " + octal(*wanted.max_mode));
  }
  if (wanted.min_mode && (mode & *wanted.min_mode) != *wanted.min_mode)
    return fail("has mode " + octal(mode) + ", wanted at least " + octal(*wanted.min_mode));
  if (wanted.writer && !may_write(seen, *wanted.writer))
    return fail("cannot be written by " + wanted.writer_name + ", wanted it writable");
  if (wanted.executable && (mode & 0111) == 0)
    return fail("has mode " + octal(mode) + ", wanted it executable");
  if (!wanted.owner.empty()) {
    const std::string owner = user_name(seen.info.st_uid);
    if (owner != wanted.owner && std::to_string(seen.info.st_uid) != wanted.owner)
      return fail("belongs to " + owner + ", wanted " + wanted.owner);
  }
  if (!wanted.group.empty()) {
    const std::string group = group_name(seen.info.st_gid);
    if (group != wanted.group && std::to_string(seen.info.st_gid) != wanted.group)
      return fail("has group " + group + ", wanted " + wanted.group);
  }
  return std::nullopt;
}

std::optional<Finding> content_complaint(const FileSettings& wanted, const Seen& seen) {
  if (!wanted.asks_content()) return std::nullopt;
  const std::string content = read_bounded_file(seen.path, wanted.max_read);
  // The content is not shown: it may be secret.
  const auto differs = [&seen](const std::string& text) {
    return Finding::fail(Reason::content, seen.path + " " + text);
  };
  if (wanted.equals && content != *wanted.equals) return differs("has not the wanted content");
  if (!wanted.sha256.empty() && sha256_hex(content) != wanted.sha256)
    return differs("has another SHA-256 than " + wanted.sha256);
  if (!wanted.same_as.empty() && content != read_bounded_file(wanted.same_as, wanted.max_read))
    return differs("is not the same as " + wanted.same_as);
  for (const Pattern& pattern : wanted.contains) {
    if (!pattern->matches(content))
      return Finding::fail(Reason::content,
                           seen.path + " has no match of " + in_quotes(pattern->pattern()));
  }
  for (const Pattern& pattern : wanted.contains_not) {
    if (pattern->matches(content))
      return Finding::fail(Reason::content, seen.path + " has a match of " +
                                                in_quotes(pattern->pattern()) + ", wanted none");
  }
  return std::nullopt;
}

std::optional<Finding> extent_complaint(const FileSettings& wanted, const Seen& seen,
                                        Duration age) {
  const auto size = static_cast<std::int64_t>(seen.info.st_size);
  const auto has = [&](const std::string& text) {
    return Finding::fail(Reason::threshold, seen.path + " has " + text);
  };
  if (wanted.min_size && size < *wanted.min_size)
    return has(size_in_words(size) + ", wanted at least " + size_in_words(*wanted.min_size));
  if (wanted.max_size && size > *wanted.max_size)
    return has(size_in_words(size) + ", wanted at most " + size_in_words(*wanted.max_size));
  if (wanted.max_age && age > *wanted.max_age) {
    return Finding::fail(
        Reason::stale_data,
        seen.path + " is " + to_words(age) + " old, wanted at most " + to_words(*wanted.max_age));
  }
  if (wanted.max_age && age < std::chrono::minutes{-5}) {
    return Finding::fail(Reason::future,
                         seen.path + " is dated " + to_words(-age) + " in the future");
  }
  return std::nullopt;
}

std::optional<Finding> count_complaint(const FileSettings& wanted, std::int64_t count,
                                       std::int64_t total_size) {
  const std::string text = counted(count, "file") + (count == 1 ? " matches " : " match ") +
                           wanted.glob + ", wanted at ";
  if (count < wanted.min_count.value_or(1)) {
    return Finding::fail(count == 0 ? Reason::missing : Reason::threshold,
                         text + "least " + std::to_string(wanted.min_count.value_or(1)));
  }
  if (wanted.max_count && count > *wanted.max_count)
    return Finding::fail(Reason::threshold, text + "most " + std::to_string(*wanted.max_count));
  const std::string size =
      size_in_words(total_size) + " in all files that match " + wanted.glob + ", wanted at ";
  if (wanted.min_total_size && total_size < *wanted.min_total_size)
    return Finding::fail(Reason::threshold,
                         size + "least " + size_in_words(*wanted.min_total_size));
  if (wanted.max_total_size && total_size > *wanted.max_total_size)
    return Finding::fail(Reason::threshold, size + "most " + size_in_words(*wanted.max_total_size));
  return std::nullopt;
}

Finding require_absence(const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0)
    return Finding::fail(Reason::content, path + " exists, wanted none");
  if (errno == ENOENT || errno == ENOTDIR) return Finding::pass("does not exist");
  stat_file(path);  // throws the right error
  return Finding::unknown(Reason::error, path + " changed during the run");
}

// Blocks, so it runs on the pool.
Finding inspect(const FileSettings& wanted, WallTime now) {
  if (wanted.absent) return require_absence(wanted.path);
  Seen seen{wanted.path, {}, 1, 0};
  if (wanted.glob.empty()) {
    seen.info = stat_file(wanted.path);
  } else {
    seen = picked_of(wanted.glob, wanted.pick);
    const std::int64_t least = wanted.min_count.value_or(1);
    if (auto complaint = count_complaint(wanted, seen.count, seen.total_size)) return *complaint;
    if (seen.count == 0 && least == 0) return Finding::pass("no file matches " + wanted.glob);
  }
  const Duration age = now - changed_at(seen.info);
  auto complaint = type_complaint(wanted, seen);
  if (!complaint) complaint = access_complaint(wanted, seen);
  if (!complaint) complaint = extent_complaint(wanted, seen, age);
  if (!complaint) complaint = content_complaint(wanted, seen);
  Finding finding = complaint.value_or(Finding::pass("mode " + octal(seen.info.st_mode) + ", " +
                                                     size_in_words(seen.info.st_size) + ", " +
                                                     to_words(age) + " old"));
  finding.measure("size", static_cast<double>(seen.info.st_size), "bytes");
  finding.measure("age", in_seconds(age), "seconds");
  if (!wanted.glob.empty()) {
    finding.measure("count", static_cast<double>(seen.count), "count");
    finding.measure("total_size", static_cast<double>(seen.total_size), "bytes");
    finding.note(wanted.pick, on_one_line(seen.path));
  }
  return finding;
}

class FileProbe : public Probe {
 public:
  FileProbe(FileSettings settings, Resources& resources)
      : settings_(std::make_shared<const FileSettings>(std::move(settings))),
        resources_(resources) {}

  asio::awaitable<Finding> run(Attempt& attempt) override {
    attempt.enter(Stage::read);
    auto read = [settings = settings_, clock = resources_.clock.wall_reading()] {
      return judged_by(clock, [&settings](WallTime now) { return inspect(*settings, now); });
    };
    auto reading = offload(resources_.pool, std::move(read));
    co_return co_await std::move(reading);
  }

 private:
  std::shared_ptr<const FileSettings> settings_;
  Resources& resources_;
};

}  // namespace

std::unique_ptr<Probe> make_file(Settings& settings, Resources& resources) {
  FileSettings file;
  file.path = settings.text_or("path", "");
  file.glob = settings.text_or("glob", "");
  if (file.path.empty() == file.glob.empty()) {
    settings.complain("needs either `path` or `glob` (such as path: /etc/app/app.conf)");
  }
  file.absent = settings.flag_or("absent", false);
  if (file.absent && file.path.empty())
    settings.complain_at("absent", "needs a `path` (for a glob: max_count: 0, min_count: 0)");
  file.type = settings.one_of("type", {"file", "directory", "socket", "any"}).value_or("file");
  file.mode = read_mode(settings, "mode");
  file.max_mode = read_mode(settings, "max_mode");
  file.min_mode = read_mode(settings, "min_mode");
  if (const auto writer = settings.text("writable_by")) {
    file.writer_name = *writer;
    file.writer = find_user(*writer);
    if (!file.writer)
      settings.complain_at("writable_by", in_quotes(*writer) + " is no user of this host");
  }
  file.executable = settings.flag_or("executable", false);
  file.owner = settings.text_or("owner", "");
  file.group = settings.text_or("group", "");
  file.min_size = settings.size("min_size");
  file.max_size = settings.size("max_size");
  file.max_age = settings.duration("max_age");
  file.min_count = settings.integer("min_count", 0, 1'000'000);
  file.max_count = settings.integer("max_count", 0, 1'000'000);
  file.pick =
      settings.one_of("pick", {"newest", "oldest", "largest", "smallest"}).value_or("newest");
  file.min_total_size = settings.size("min_total_size");
  file.max_total_size = settings.size("max_total_size");
  for (const char* key : {"min_count", "max_count", "pick", "min_total_size", "max_total_size"}) {
    if (file.glob.empty() && settings.has(key))
      settings.complain_at(key, "needs a `glob` (such as glob: /var/backups/*.gz)");
  }
  file.equals = settings.text("equals");
  file.sha256 = settings.text_or("sha256", "");
  if (!file.sha256.empty() &&
      (file.sha256.size() != 64 ||
       file.sha256.find_first_not_of("0123456789abcdef") != std::string::npos))
    settings.complain_at("sha256", "is no SHA-256 (64 digits of 0-9 and a-f)");
  file.same_as = settings.text_or("same_as", "");
  file.contains = read_patterns(settings, "contains");
  file.contains_not = read_patterns(settings, "contains_not");
  if (const auto most = settings.size("max_read")) file.max_read = static_cast<std::size_t>(*most);
  if (file.max_read > 64 << 20)
    settings.complain_at("max_read", "is over 64MiB (what is read is held in memory)");
  settings.finish();
  return std::make_unique<FileProbe>(std::move(file), resources);
}

}  // namespace gonogo
